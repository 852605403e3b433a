"""Turns annotated images into sharded TFRecords, with tables, label map, manifest and quarantine.

Finds out by itself whether the folder holds COCO json, Pascal VOC xml, YOLO txt, or the OD API's csv or TFRecords, keeps the
splits that are there (folders, `instances_val.json`, `ImageSets/Main`, `data.yaml`, `train.txt` beside `val.txt`) and makes those
that are not. Every image and object found is either stored or stands in quarantine.jsonl with the reason. Annotations that cannot
be read (no right to, cut off, neither UTF-8 nor UTF-16) are not passed over: it stops and names the file. Several files that list
one picture are one image with the objects of all; what they say of split and size must agree, or be left out.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.quiet import hush
from boxwright.core.runtime.step_io import Result
from boxwright.core.runtime.step_paths import Fetched


@dataclass(frozen=True, kw_only=True)
class Config:
    data: str
    """Folder with images and annotations, or one COCO json: a path or a gs:// URI (copied here first). Several, separated by
    commas, become one data set."""
    records: Path = Path("records")
    """Output folder: TFRecords in the TF Object Detection API schema, label map, manifest, quarantine."""
    tables: Path = Path("tables")
    """Output folder: images.parquet and objects.parquet."""
    label_map: Fetched = ""
    """A label_map.pbtxt (a path, https:// or gs://) whose class ids are kept; else ids follow the sorted names."""
    format: Literal["auto", "coco", "voc", "yolo", "csv", "tfrecord"] = "auto"
    """Format of the annotations; auto finds out."""
    split_fractions: str = "0.7,0.15,0.15"
    """Shares of train, val and test, for the splits that the data does not have."""
    seed: int = 0
    """Decides which image goes to which split, where the data has none."""
    group: str = ""
    """Regular expression over the files' relative names, as in "(scan[0-9]+)_": images for which its first group (without one,
    the whole match) is the same are of one source, and no split that is made tears them apart. Or "column:NAME": a field of
    COCO's images, or a column of the csv."""
    fix: Literal["clip", "drop", "fail"] = "clip"
    """What happens to a box that reaches over the edge of its image: cut it, quarantine it, or stop."""
    missing: Literal["fail", "quarantine"] = "fail"
    """What happens when the file of an image with annotated objects is missing: stop, or quarantine it and go on."""
    max_objects: int = 1000
    """An image with more objects is quarantined: training reserves room for the most that any image has. 0: any number."""
    shards: int = 0
    """Files a split; 0 chooses: about 256 images a file, two files at least."""
    pixels: Literal["decode", "trust"] = "decode"
    """Decode every image, which finds damage, fills the table and keeps near-copies in one split where splits are made; or trust
    JPEG files that begin and end as they should."""
    workers: int = 0
    """Processes; 0 chooses: one for each core."""
    beam_options: str = ""
    """Options of Apache Beam, as in "--runner FlinkRunner --flink_master host:8081"; empty runs on this machine."""
    fingerprint: str = ""
    """Digest of the data folder. Only keys the pipeline's cache; nothing reads it here."""


def run(config: Config) -> Result:
    """Raises UserError for data that cannot be read, annotated images that are missing (unless they may be), class names
    that clash, and when nothing usable is left."""
    hush()
    from boxwright.convert import conversion, summary

    if config.shards < 0:
        raise UserError(f"--shards {config.shards}: expected 0 (chooses by itself) or more")
    if config.max_objects < 0:
        raise UserError(f"--max-objects {config.max_objects}: expected 0 (any number) or more")
    if config.workers < 0:
        raise UserError(f"--workers {config.workers}: expected 0 (one for each core) or more")
    if config.seed < 0:
        raise UserError(f"--seed {config.seed}: expected 0 or more")
    manifest, tables_digest = conversion.convert(config)
    summary.show(manifest)
    return Result(
        artifacts={"records": metadata(manifest, config.data), "tables": {"digest": tables_digest}},
        headline=summary.headline(manifest),
    )


def metadata(manifest: dict, data: str) -> dict[str, str | int]:
    """Totals only. KFP passes metadata on as one argument of a command, which holds 128 KiB at most, so nothing here may grow
    with the number of classes; `dataset.json` has the counts of each class."""
    totals = {
        f"{split}_{what}": counts[what]
        for split, counts in manifest["splits"].items()
        for what in ("images", "objects")
    }
    return {"digest": manifest["digest"], "format": manifest["format"], "data": data, **totals}

"""Turns annotated images into sharded TFRecords, with tables, label map, manifest and quarantine.

The format is detected. Splits of the data are kept (folders, `instances_val.json`, `ImageSets/Main`, `data.yaml`, `train.txt`
beside `val.txt`). `valid`, `validation`, `eval` and `dev` are val, `holdout` is test; a notice names folders that look like
splits and were not taken. Without train, or with train alone, all three splits are made. If only val is missing, it is taken from
train. A missing test split is not made.

Every image and object is either stored or listed in quarantine.jsonl with the reason. Annotations that cannot be read (no
permission, truncated, neither UTF-8 nor UTF-16) stop the conversion, and the error names the file.

An annotation may spell the name of an image differently (case, suffix, `%20`, Unicode's other form, Label Studio's prefix), or
name another folder, another machine or an address. If exactly one file fits, no other name fits it, and no folder puts it into
another split, it is used, and a notice lists the pairs. Otherwise the image is missing, and the error names what comes near.

An image that is annotated more than once gets the objects of all its annotations, if they agree on its split and size, or leave
them out; equal objects count once. If they disagree, one annotation of the image is used and the others are quarantined.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from boxwright import training_nodes
from boxwright.convert import formats
from boxwright.convert.frames import boxes_for
from boxwright.convert.plan import box_readings
from boxwright.convert.splits import grouping
from boxwright.core.runtime.flags import Bounds, Choices, Fetched, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    data: str
    """Folder with the images and their annotations: a path, gs:// or s3://. A single annotation file that lists its images
    also works (COCO json, for example). Several places, separated by commas, become one data set."""
    records: Annotated[Path, Output("Dataset")] = Path("records")
    """Output folder: TFRecords in the TF Object Detection API schema, label map, manifest, quarantine."""
    tables: Annotated[Path, Output("Dataset")] = Path("tables")
    """Output folder: images.parquet and objects.parquet."""
    label_map: Annotated[str, Fetched(what="file")] = ""
    """A label_map.pbtxt (a path, https://, gs:// or s3://) whose class ids are kept. It also names the classes of TFRecords that
    have numbers only. Empty: ids follow the sorted names."""
    format: Annotated[str, Choices(("auto", *formats.names()))] = "auto"
    """Format of the annotations. auto detects it."""
    split_fractions: str = "0.7,0.15,0.15"
    """Shares of train, val and test, for the splits that convert makes."""
    seed: Annotated[int, Bounds(0, 2**32 - 1)] = 0
    """Seed of all random choices: made splits, anchor search, initial weights, shuffling, augmentation. 0 to 4294967295."""
    group: str = ""
    """Names the source of each image. Where convert makes the splits, it keeps all images of one source in one split. Give a
    regular expression over the relative file names, such as "(scan[0-9]+)_": images with the same first group have the same
    source (without groups: the same whole match). Or give "column:NAME", a field of COCO's images or a column of the csv."""
    follow_links: bool = False
    """Read files outside of --data, where links in it or paths in its annotations lead. Give it only for data of people that you
    trust: such a link can lead to any file that you can read. Without it, images outside are quarantined, and annotations,
    lists and class names outside are refused."""
    fix: Literal["clip", "drop", "fail"] = "clip"
    """What to do with a box that reaches over the edge of its image: clip it, drop it (quarantine), or fail."""
    boxes_for: str = "auto"
    """The image that the boxes were drawn on. auto: the data decide, and what they do not decide is said. upright: the image as
    viewers show it, turned by its EXIF orientation. stored: the pixels of the file, unturned. WIDTHxHEIGHT, such as 1280x960:
    the size of the images when they were labelled; the boxes are scaled to their present size. 4x: the images were four times
    as wide and high. annotated: they had the sizes that the annotations claim. stretched: the same, for images that were
    stretched to another ratio of sides."""
    boxes_as: str = ""
    """The order or the unit of the four numbers of each box, or both, such as "xyxy", "percent" or "xywh fractions", if they are
    not those of the format. Orders: xyxy, xywh, cxcywh (center), the same with y first (yxyx, yxhw, cycxhw) or with height
    before width (xyhw, cxcyhw), xxyy, yyxx, trbl (top, right, bottom, left), lbrt and rblt. Units: pixels, fractions (0 to 1),
    percent, thousandths. Empty: those of the format, and convert stops if the numbers fit others better."""
    missing: Literal["fail", "quarantine"] = "fail"
    """What to do when the file of an annotated image is missing: fail, or quarantine the image and go on."""
    backgrounds: Literal["keep", "quarantine"] = "keep"
    """What to do with images without objects: keep them as background to train on, or quarantine them."""
    max_objects: Annotated[int, Bounds(0)] = 1000
    """An image with more objects is quarantined: training reserves memory for the fullest image. 0: no limit."""
    shards: Annotated[int, Bounds(0)] = 0
    """TFRecord files per split. 0: about 256 images a file, and at least two files."""
    pixels: Literal["decode", "trust"] = "decode"
    """decode: decode every image, which finds damage and near-copies and fills the image table. trust: store JPEG files that
    begin and end correctly without decoding them."""
    workers: Annotated[int, Bounds(0)] = 0
    """Number of processes. 0: one per core, or a single one for fewer than 512 images."""
    beam_options: str = ""
    """Options of Apache Beam, as in "--runner FlinkRunner --flink_master host:8081". Empty: convert runs on this machine."""
    fingerprint: str = ""
    """Any text. Change it to run cached steps again after files changed under the same path. It has no other effect."""

    checks: ClassVar = (training_nodes.Config,)

    def __post_init__(self) -> None:
        """Raises UserError for a value out of bounds, for a --group that is neither a column nor a regular expression, for a
        --boxes-for that names no image, and for a --boxes-as that names no order or unit."""
        super().__post_init__()
        grouping.pattern(self.group)
        boxes_for.parse(self.boxes_for)
        box_readings.parse(self.boxes_as)


def readme_notes() -> list[str]:
    """The formats, for the README of the step."""
    lines = [f"- `{name}`: {summary}" for name, summary in formats.summaries().items()]
    return ["Formats:", "", *lines, "", "[BEAM.md](BEAM.md) explains how to convert on many machines.", ""]

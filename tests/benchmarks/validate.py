# environment: .envs/data
"""Seconds and peak memory of `validate` on records of many images, compared with TFDV's own statistics of the same records.

The alternative is `tfdv.generate_statistics_from_tfrecord` for each split, with Beam in one process and without the
pictures. It only computes statistics. Ours is the complete step: statistics, schema, anomalies, its own checks, the page.
Both run as separate processes, imports included. `cpu` is their CPU time, which other work does not affect. The arguments
are the numbers of images to measure, smallest first.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from boxwright.convert.writing import tf_examples
from boxwright.core.records import tables, tfrecords

SEED, PER_IMAGE, PER_SHARD, DISTINCT, SIDE = 0, 10, 2_000, 50, 64
CLASSES = ("cat", "dog", "owl")
SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}

ALTERNATIVE = """
import sys
import tensorflow_data_validation as tfdv
from apache_beam.options.pipeline_options import PipelineOptions
from boxwright.validate.tfdv.arrow_batches import COUNTED
local = PipelineOptions(["--runner=apache_beam.runners.portability.fn_api_runner.FnApiRunner"])
options = tfdv.StatsOptions(feature_allowlist=list(COUNTED))
for split in ("train", "val", "test"):
    tfdv.generate_statistics_from_tfrecord(f"{sys.argv[1]}/{split}-*", f"{sys.argv[2]}/{split}", options, local)
"""


def make_data(folder: Path, images: int) -> None:
    """Records, manifest and tables as convert writes them. All JPEGs are small and distinct; each image has ten objects."""
    random = np.random.default_rng(SEED)
    pictures = [_jpeg(random) for _ in range(DISTINCT)]
    (folder / "records").mkdir(parents=True)
    splits, rows, first = {}, [], 0
    for split, share in SHARES.items():
        numbers = range(first, first := first + round(share * images))
        entries = [_entry(number, random) for number in numbers]
        _write_shards(folder / "records", split, entries, pictures)
        ids = [i for entry in entries for i in entry.class_ids]
        per_class = {name: ids.count(i) for i, name in enumerate(CLASSES, 1)}
        splits[split] = {"images": len(entries), "objects": len(ids), "per_class": per_class, "shards": 1}
        rows += [_row(entry, split, random) for entry in entries]
    manifest = {"splits": splits, "classes": [{"id": i, "name": name} for i, name in enumerate(CLASSES, 1)]}
    manifest |= {
        "found": {"images": images, "objects": images * PER_IMAGE},
        "quarantined": {"images": {}, "objects": {}},
    }
    manifest |= {"digest": "0" * 16, "format": "coco", "source": "generated", "split_by": "given", "notices": []}
    (folder / "records" / tfrecords.MANIFEST).write_text(json.dumps(manifest))
    count = images * PER_IMAGE
    objects = {"class": ["cat"] * count, "width_px": np.full(count, 20.0), "height_px": np.full(count, 15.0)}
    objects["split"] = [row["split"] for row in rows for _ in range(PER_IMAGE)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    tables.write(folder / "tables", _filled(columns, tables.IMAGE_SCHEMA), _filled(objects, tables.OBJECT_SCHEMA))


def _filled(columns: dict, schema) -> dict:
    """The columns that are not measured contain nulls."""
    empty = [None] * len(next(iter(columns.values())))
    return {name: columns.get(name, empty) for name in schema.names}


def _jpeg(random: np.random.Generator) -> bytes:
    file = io.BytesIO()
    Image.fromarray(random.integers(0, 256, (SIDE, SIDE, 3), np.uint8)).save(file, "JPEG")
    return file.getvalue()


def _entry(number: int, random: np.random.Generator) -> tf_examples.Entry:
    corners, sides = random.uniform(0, 0.6, (PER_IMAGE, 2)), random.uniform(0.05, 0.4, (PER_IMAGE, 2))
    ids = tuple(random.integers(1, len(CLASSES) + 1, PER_IMAGE).tolist())
    return tf_examples.Entry(
        file="-", plain=True, upright=False, filename=f"{number:07d}.jpg", image_id=number, height=SIDE, width=SIDE,
        names=tuple(CLASSES[i - 1] for i in ids), class_ids=ids,
        boxes_yxyx=tuple(map(tuple, np.concatenate([corners, corners + sides], 1).tolist())),
        difficult=(False,) * PER_IMAGE, truncated=(False,) * PER_IMAGE, crowd=(False,) * PER_IMAGE,
    )  # fmt: skip


def _write_shards(folder: Path, split: str, entries: list[tf_examples.Entry], pictures: list[bytes]) -> None:
    count = -(-len(entries) // PER_SHARD)
    for shard in range(count):
        with (folder / tfrecords.shard_name(split, shard, count)).open("wb") as file:
            for entry in entries[shard * PER_SHARD : (shard + 1) * PER_SHARD]:
                encoded = pictures[entry.image_id % DISTINCT] + str(entry.image_id).encode()
                file.writelines(tfrecords.framed(*tf_examples.serialize(entry, encoded, "jpeg")))


def _row(entry: tf_examples.Entry, split: str, random: np.random.Generator) -> dict:
    light, contrast, sharpness = random.normal((0.5, 0.2, 100), (0.05, 0.02, 10))
    return {
        "image_id": entry.image_id, "filename": entry.filename, "split": split, "height": SIDE, "width": SIDE,
        "brightness": light, "contrast": contrast, "sharpness": sharpness,
        "dhash": f"{random.integers(0, 2**64, dtype='uint64'):016x}", "objects": PER_IMAGE,
    }  # fmt: skip


def measured(command: list[str]) -> dict[str, float]:
    """Wall-clock seconds, CPU seconds, and peak MiB of a process (of the largest one if it starts others)."""
    started = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    _, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ, file_actions=silent), 0)
    if status:
        raise RuntimeError(f"{command[:3]} ended with {os.waitstatus_to_exitcode(status)}")
    taken = {
        "seconds": time.perf_counter() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mib": usage.ru_maxrss / 1024,
    }
    return {name: round(value, 1) for name, value in taken.items()}


def ours(data: Path, out: Path) -> list[str]:
    flags = {"records": data / "records", "tables": data / "tables", "statistics": out / "statistics"}
    flags |= {"schema": out / "schema.pbtxt", "anomalies": out / "anomalies", "page": out / "page.html"}
    named = [text for name, value in flags.items() for text in (f"--{name}", str(value))]
    return [str(Path(sys.executable).with_name("boxwright")), "validate", *named]


def theirs(data: Path, out: Path) -> list[str]:
    return [sys.executable, "-P", "-c", ALTERNATIVE, str(data / "records"), str(out)]


WAYS = {"ours": ours, "theirs": theirs}


def main(*sizes: int) -> None:
    for images in sizes or (10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "data"
            # In another process, because the peak of a child starts at the memory of its parent.
            subprocess.run([sys.executable, "-P", __file__, "make", str(data), str(images)], check=True)
            taken = {name: measured(command(data, Path(folder) / name)) for name, command in WAYS.items()}
            ratios = {key: round(taken["theirs"][key] / taken["ours"][key], 2) for key in ("seconds", "cpu")}
            about = {"n": images, "load": round(os.getloadavg()[0], 2), "seed": SEED}
            print(json.dumps({"name": "validate"} | taken | {"ratio": ratios} | about), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make_data(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(*map(int, sys.argv[1:]))

# environment: .envs/data
"""Seconds and memory of `diagnose` on tables of a million objects of twenty classes. A third of the classes are too small for the
stock anchors, a fifth are long. Arguments: the number of objects, and of objects in an image (10)."""

import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from boxwright.core.artifacts import diagnosis
from boxwright.core.records import tables, tfrecords
from boxwright.diagnose import step

SEED, CLASSES = 0, 20


def make_tables(objects: int, per_image: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Images and objects. Every third class has 9 to 24 px at the input, the others 30 to 120 px. Every fifth is about 2.5 times
    as wide as high. val and test are a tenth each."""
    random = np.random.default_rng(SEED)
    n = objects // per_image
    split = np.where(np.arange(n) < 0.8 * n, "train", np.where(np.arange(n) < 0.9 * n, "val", "test"))
    hashes = random.integers(0, 2**64, n, dtype="uint64")
    images = pd.DataFrame({"image_id": np.arange(n), "filename": [f"{i}.jpg" for i in range(n)], "split": split})
    light = random.normal(0.5, 0.05, n)
    images = images.assign(height=480, width=640, brightness=light, contrast=0.2, sharpness=0.01)
    images = images.assign(dhash=[f"{h:016x}" for h in hashes], exif_orientation=1, objects=per_image)
    image = np.repeat(np.arange(n), per_image)
    class_id = random.integers(1, CLASSES + 1, len(image))
    names = np.array(class_names())[class_id - 1]
    table = pd.DataFrame({"image_id": image, "split": split[image], "class_id": class_id, "class": names})
    ymin, xmin, height, width = boxes(class_id, random)
    table = table.assign(ymin=ymin, xmin=xmin, ymax=ymin + height, xmax=xmin + width)
    table = table.assign(height_px=480 * height, width_px=640 * width)
    return images, table.assign(difficult=False, crowd=False, truncated=False, clipped=False)


def class_names() -> list[str]:
    return [f"class {i}" for i in range(1, CLASSES + 1)]


def boxes(class_id: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, ...]:
    """ymin, xmin, height and width, each (n,) in 0..1."""
    n = len(class_id)
    side = np.where(class_id % 3 == 0, random.uniform(0.03, 0.08, n), random.uniform(0.1, 0.4, n))
    ratio = np.exp(random.normal(0, 0.3, n) + np.where(class_id % 5 == 0, 0.9, 0))
    height, width = np.minimum(side / np.sqrt(ratio), 0.95), np.minimum(side * np.sqrt(ratio), 0.95)
    return random.uniform(0, 1 - height), random.uniform(0, 1 - width), height, width


def write(folder: Path, objects: int, per_image: int) -> None:
    """Tables and manifest as convert writes them."""
    images, table = make_tables(objects, per_image)
    parquet.write_table(pa.Table.from_pandas(images, tables.IMAGE_SCHEMA), folder / tables.IMAGES)
    parquet.write_table(pa.Table.from_pandas(table, tables.OBJECT_SCHEMA), folder / tables.OBJECTS)
    classes = [{"id": i, "name": name} for i, name in enumerate(class_names(), 1)]
    manifest = {"digest": "0" * 16, "format": "coco", "source": "generated", "split_by": "given", "notices": []}
    splits = {
        split: {
            "images": int((images.split == split).sum()),
            "per_class": dict(Counter(table["class"][table.split == split])),
        }
        for split in ("train", "val", "test")
    }
    for split in splits.values():
        split |= {"objects": sum(split["per_class"].values()), "shards": 0}
    manifest |= {"classes": classes, "splits": splits, "found": {"images": len(images), "objects": len(table)}}
    manifest |= {"quarantined": {"images": {}, "objects": {}}}
    (folder / tfrecords.MANIFEST).write_text(json.dumps(manifest))


def main(objects: int = 1_000_000, per_image: int = 10) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not os.fork():  # so that the peak memory does not include making the tables
            write(folder, objects, per_image)
            os._exit(0)
        os.wait()
        wall, cpu = time.perf_counter(), time.process_time()
        findings, recipe, page = (folder / output for output in ("findings", "recipe", "page"))
        step.run(step.Config(records=folder, tables=folder, findings=findings, recipe=recipe, page=page))
        measured = {
            "name": "diagnose",
            "seconds": round(time.perf_counter() - wall, 1),
            "cpu_seconds": round(time.process_time() - cpu, 1),
            "gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
            "first": diagnosis.read(findings).findings[0].key,
            "n": objects,
            "per_image": per_image,
            "load": round(os.getloadavg()[0], 2),
            "seed": SEED,
        }
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

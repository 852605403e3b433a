# environment: .envs/data
"""Seconds and memory of `diagnose` on tables of a million objects, half of them too small for the stock anchors."""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from boxwright.core.artifacts import diagnosis
from boxwright.core.records import tables, tfrecords
from boxwright.diagnose import step

SEED, PER_IMAGE = 0, 10


def make_tables(objects: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Images and objects. An image has ten objects of two classes, 15 to 24 and 60 to 120 px at the input. val and test are
    a tenth each."""
    random = np.random.default_rng(SEED)
    n = objects // PER_IMAGE
    split = np.where(np.arange(n) < 0.8 * n, "train", np.where(np.arange(n) < 0.9 * n, "val", "test"))
    hashes = random.integers(0, 2**64, n, dtype="uint64")
    images = pd.DataFrame({"image_id": np.arange(n), "filename": [f"{i}.jpg" for i in range(n)], "split": split})
    light = random.normal(0.5, 0.05, n)
    images = images.assign(height=480, width=640, brightness=light, contrast=0.2, sharpness=0.01)
    images = images.assign(dhash=[f"{h:016x}" for h in hashes], exif_orientation=1, objects=PER_IMAGE)
    image = np.repeat(np.arange(n), PER_IMAGE)
    class_id = random.integers(1, 3, len(image))
    size = np.where(class_id == 1, random.uniform(0.05, 0.08, len(image)), random.uniform(0.2, 0.4, len(image)))
    corner = random.uniform(0, 1 - size, (2, len(image)))
    boxes = {"ymin": corner[0], "xmin": corner[1], "ymax": corner[0] + size, "xmax": corner[1] + size}
    names = np.array(["small", "large"])[class_id - 1]
    table = pd.DataFrame({"image_id": image, "split": split[image], "class_id": class_id, "class": names, **boxes})
    table = table.assign(height_px=480 * size, width_px=640 * size)
    return images, table.assign(difficult=False, crowd=False, truncated=False, clipped=False)


def write(folder: Path, objects: int) -> None:
    """Tables and manifest as convert writes them."""
    images, table = make_tables(objects)
    parquet.write_table(pa.Table.from_pandas(images, tables.IMAGE_SCHEMA), folder / tables.IMAGES)
    parquet.write_table(pa.Table.from_pandas(table, tables.OBJECT_SCHEMA), folder / tables.OBJECTS)
    classes = [{"id": 1, "name": "small"}, {"id": 2, "name": "large"}]
    manifest = {"digest": "0" * 16, "format": "coco", "source": "generated", "split_by": "given", "notices": []}
    manifest |= {"classes": classes, "splits": {}, "found": {}, "quarantined": {}}
    (folder / tfrecords.MANIFEST).write_text(json.dumps(manifest))


def main(objects: int = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not os.fork():  # so that the peak memory does not include making the tables
            write(folder, objects)
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
            "load": round(os.getloadavg()[0], 2),
            "seed": SEED,
        }
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

# environment: .envs/data
"""Seconds and memory of `diagnose` on tables of a million objects, half of them too small for the stock anchors."""

import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from boxwright.diagnose import diagnosis
from boxwright.diagnose.data import Data
from boxwright.diagnose.step import Config

SEED, PER_IMAGE = 0, 10


def make_data(objects: int) -> Data:
    """Ten objects an image of two classes, 15 to 24 and 60 to 120 px at the network's input; val and test a tenth each."""
    random = np.random.default_rng(SEED)
    n = objects // PER_IMAGE
    split = np.where(np.arange(n) < 0.8 * n, "train", np.where(np.arange(n) < 0.9 * n, "val", "test"))
    hashes = random.integers(0, 2**64, n, dtype="uint64")
    images = pd.DataFrame({"image_id": np.arange(n), "filename": [f"{i}.jpg" for i in range(n)], "split": split})
    light = random.normal(0.5, 0.05, n)
    images = images.assign(height=480, width=640, brightness=light, dhash=[f"{h:016x}" for h in hashes])
    image = np.repeat(np.arange(n), PER_IMAGE)
    class_id = random.integers(1, 3, len(image))
    size = np.where(class_id == 1, random.uniform(0.05, 0.08, len(image)), random.uniform(0.2, 0.4, len(image)))
    corner = random.uniform(0, 1 - size, (2, len(image)))
    boxes = {"ymin": corner[0], "xmin": corner[1], "ymax": corner[0] + size, "xmax": corner[1] + size}
    names = np.array(["small", "large"])[class_id - 1]
    table = pd.DataFrame({"image_id": image, "split": split[image], "class_id": class_id, "class": names, **boxes})
    return Data(("small", "large"), images, table)


def main(objects: int = 1_000_000) -> None:
    data = make_data(objects)
    started = time.perf_counter()
    found = diagnosis.of(data, Config(records=Path("-"), tables=Path("-")))[0]
    measured = {
        "name": "diagnose",
        "seconds": round(time.perf_counter() - started, 1),
        "gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "first": found.findings[0].id,
        "n": objects,
        "load": round(os.getloadavg()[0], 2),
        "seed": SEED,
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

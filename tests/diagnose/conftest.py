"""Data sets made of a few numbers. They are clean, except for the flaws that a test plants."""

from functools import cache
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def zoo_out_of_reach(no_network):
    """`--init auto` means from scratch here, without waiting for a server."""


def _hash(random) -> str:
    return f"{random.integers(0, 2**64, dtype='uint64'):016x}"


@pytest.fixture(scope="session")
def make_data():
    """make_data(...) -> Data. Clean by default: two classes, 80 to 100 px in a 300 px picture, split in three.

    counts: images per split; per_image: objects of each class in an image; side: of the objects, per class, relative.
    """
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    pytest.importorskip("scipy")
    from boxwright.diagnose.data import Data

    def make(counts=None, per_image=None, side=None, brightness=None, seed=0):
        counts = counts or {"train": 160, "val": 40, "test": 40}
        per_image = per_image or {"cat": 1, "dog": 1}
        side, brightness = side or {}, brightness or {}
        random = np.random.default_rng(seed)
        images, objects = [], []
        for split, n in counts.items():
            for _ in range(n):
                number = len(images) + 1
                images.append(
                    {
                        "image_id": number,
                        "filename": f"{number}.jpg",
                        "split": split,
                        "height": 300,
                        "width": 300,
                        "brightness": random.normal(brightness.get(split, 0.5), 0.05),
                        "dhash": _hash(random),
                    }
                )
                objects += _objects(random, number, split, per_image, side)
        return Data(tuple(per_image), pd.DataFrame(images), pd.DataFrame(objects))

    return make


def _objects(random, number, split, per_image, side) -> list[dict]:
    made = []
    for class_id, (name, n) in enumerate(per_image.items(), 1):
        for _ in range(int(random.random() < n) if n < 1 else n):
            size = side.get(name, 0.3) * random.uniform(0.9, 1.1)
            ymin, xmin = random.uniform(0.05, 0.95 - size, 2)
            box = {"ymin": ymin, "xmin": xmin, "ymax": ymin + size, "xmax": xmin + size}
            made.append({"image_id": number, "split": split, "class_id": class_id, "class": name, **box})
    return made


@pytest.fixture(scope="session")
def imagenet_weights(shared):
    """The file of a real pretrained backbone."""
    file = shared / "weights" / "mobilenet_v1_1.0_224_imagenet.npz"
    if not file.is_file():
        pytest.skip("the shared weights are not here")
    return file


@pytest.fixture(scope="session")
def converted(shared, tmp_path_factory):
    """converted(name) -> (records, Data without copies) of a shared set, converted once. Nobody may change them."""
    from boxwright.convert import step
    from boxwright.diagnose import data

    @cache
    def run(name):
        folder = tmp_path_factory.mktemp(name)
        records, tables = folder / "records", folder / "tables"
        step.run(step.Config(data=str(shared / "data" / name), records=records, tables=tables))
        return records, data.read(records, tables).distinct

    return run


@pytest.fixture(scope="session")
def diagnosed():
    """diagnosed(data, **config) -> (Diagnosis, Recipe, why there is no prediction), without files but for `given`."""
    pytest.importorskip("scipy")
    from pathlib import Path

    from boxwright.diagnose import diagnosis
    from boxwright.diagnose.config import Config

    def run(data, **settings: Any):
        known: dict[str, Any] = {"init": "none", **settings}
        config = Config(records=Path("-"), tables=Path("-"), **known)
        made = diagnosis.diagnose(data, diagnosis.diagnosed_training(data, config), config)
        return made.diagnosis, made.recipe, made.unpredicted

    return run

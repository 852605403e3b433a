# environment: data
"""The generated data set: reproducible, complete, and with the flaw that the diagnosis must find."""

import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from boxwright.core.runtime import digests
from boxwright.demo import generator


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("generated")
    generator.generate(out, images=20, seed=3)
    return out


def documents(folder):
    return {f.parent.name: json.loads(f.read_text()) for f in folder.glob("*/_annotations.coco.json")}


def test_same_seed_gives_same_bytes(made, tmp_path):
    generator.generate(tmp_path / "again", images=20, seed=3)
    generator.generate(tmp_path / "other", images=20, seed=4)
    assert digests.of_path(made) == digests.of_path(tmp_path / "again") != digests.of_path(tmp_path / "other")


def test_every_image_and_annotation_exists(made):
    counts = {split: len(document["images"]) for split, document in documents(made).items()}
    assert counts == {"train": 14, "valid": 3, "test": 3}
    for split, document in documents(made).items():
        assert {i["file_name"] for i in document["images"]} == {f.name for f in (made / split).glob("*.jpg")}
        for image in document["images"]:
            with Image.open(made / split / image["file_name"]) as opened:
                assert opened.size == (640, 480)
    with pytest.raises(ValueError, match="2 images are too few for three splits"):
        generator.generate(made, images=2)


def test_boxes_lie_inside_and_screws_are_small_and_rare(made):
    names = Counter()
    for document in documents(made).values():
        for annotation in document["annotations"]:
            left, top, width, height = annotation["bbox"]
            assert left >= 0 and top >= 0 and width > 0 and height > 0 and left + width <= 640 and top + height <= 480
            name = generator.CATEGORIES[annotation["category_id"] - 1]
            names[name] += 1
            if name == "screw":
                assert max(width * 300 / 640, height * 300 / 480) < 34
    assert 0 < names["screw"] < 0.4 * names["bolt"]


@pytest.mark.parametrize("name", generator.CATEGORIES)
def test_box_is_tight(name):
    """An object painted white on black fills its box to the pixel."""
    rng = np.random.default_rng(1)
    light = np.array([0, 0, 1.0])
    kind = generator.LABELLED[name]
    sprite = generator.parts.shade(kind.part, (300, 200), kind.size[1], 0.5, light, rng)
    mask = generator._paint(np.zeros((480, 640, 3), np.float32), sprite)
    left, top, width, height = generator._box_xywh(mask)
    rows, columns = np.nonzero(mask > 0.5)
    assert (rows.min(), columns.min(), rows.max(), columns.max()) == (top, left, top + height - 1, left + width - 1)
    assert max(width, height) <= kind.size[1] + 2

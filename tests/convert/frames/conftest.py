# environment: data
"""Fixtures: plans of images that exist only as headers."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("apache_beam", reason="convert runs in the data environment")

from boxwright.convert.frames import boxes_for
from boxwright.convert.plan import example_plan
from boxwright.convert.plan.image_headers import Header
from boxwright.convert.reading.source import Image, Object, Source


@pytest.fixture
def spread():
    """Objects with whole pixels, spread evenly over a frame. seed: each has other boxes."""

    def spread(width: int, height: int, count: int = 3, seed: int = 0, scale: float = 1) -> tuple[Object, ...]:
        random = np.random.default_rng(seed)
        sides = random.integers((width // 8, height // 8), (width // 3, height // 3), (count, 2))
        starts = (random.random((count, 2)) * (np.array((width, height)) - sides)).astype(int)
        boxes = np.concatenate((starts, starts + sides), axis=1) * scale
        return tuple(Object("cat", (left, top, right, bottom)) for left, top, right, bottom in boxes.tolist())

    return spread


@pytest.fixture
def fractions_of():
    """Objects in fractions of these sides with six digits, as YOLO's tools write them."""

    def fractions_of(objects, width: int, height: int) -> tuple[Object, ...]:
        boxes = [
            [round(side / whole, 6) for side, whole in zip(item.box_xyxy, (width, height) * 2, strict=True)]
            for item in objects
        ]
        return tuple(Object("cat", (left, top, right, bottom)) for left, top, right, bottom in boxes)

    return fractions_of


@pytest.fixture
def plan():
    """Plans images. Each is the claimed size, the objects, and the size and EXIF orientation of the file."""

    def plan(images, wanted: str = "auto", *, fractions: bool = False) -> example_plan.Plan:
        named = [(Path(f"{number:04}.jpg"), *image) for number, image in enumerate(images)]
        source = Source(
            "voc",
            Path("data"),
            [Image(file, str(file), objects, None, size, fractions) for file, size, objects, _, _ in named],
        )
        headers = {str(file): Header(stored[0], stored[1], turn, True, (0, 0)) for file, _, _, stored, turn in named}
        return example_plan.build(
            source, fix="clip", missing="fail", headers=headers, boxes_for=boxes_for.parse(wanted)
        )

    return plan


@pytest.fixture
def boxes():
    """The boxes of a plan in pixels of the stored images, as left, top, right, bottom, rounded."""

    def boxes(planned: example_plan.Plan) -> list[list[tuple[int, ...]]]:
        return [
            [
                (round(b[1] * i.width), round(b[0] * i.height), round(b[3] * i.width), round(b[2] * i.height))
                for b in (item.box_yxyx for item in i.objects)
            ]
            for i in planned.images
        ]

    return boxes

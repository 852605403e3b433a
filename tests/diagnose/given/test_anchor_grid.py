# environment: train
"""The anchors of a config lie where the OD API's own generators place them, at any input."""

from typing import Any

import pytest

pytest.importorskip("object_detection", reason="the OD API is in the train environment")

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001

import numpy as np
from google.protobuf import text_format
from object_detection.builders import anchor_generator_builder
from object_detection.protos import anchor_generator_pb2, image_resizer_pb2

from boxwright.core import anchors
from boxwright.diagnose.given import anchor_grid, resizer

theirs: Any = anchor_generator_pb2
resizers: Any = image_resizer_pb2
LEVELS = "min_level: 3 max_level: 7 anchor_scale: 4 scales_per_octave: 2"
PYRAMID = f"multiscale_anchor_generator {{ {LEVELS} aspect_ratios: [1, 2, .5] }}"
SSD = "ssd_anchor_generator { num_layers: 6 min_scale: .2 max_scale: .95 aspect_ratios: [1, 2, .5] }"


@pytest.mark.parametrize("generator", [PYRAMID, SSD], ids=["pyramid", "SSD"])
@pytest.mark.parametrize(
    ("resized", "image"),
    [
        ("fixed_shape_resizer { height: 320 width: 320 }", (300, 400)),
        ("fixed_shape_resizer { height: 300 width: 300 }", (300, 400)),
        ("fixed_shape_resizer { height: 240 width: 416 }", (720, 1280)),
        ("keep_aspect_ratio_resizer { min_dimension: 600 max_dimension: 1024 }", (300, 400)),
        ("keep_aspect_ratio_resizer { min_dimension: 320 max_dimension: 512 pad_to_max_dimension: true }", (720, 1280)),
    ],
)
def test_anchors_equal_the_od_apis(generator, resized, image):
    message = text_format.Parse(generator, theirs.AnchorGenerator())
    found = resizer.read(text_format.Parse(resized, resizers.ImageResizer()), image)
    mine = anchor_grid.read(message, found)
    assert mine is not None
    built = anchor_generator_builder.build(message)
    boxes = built.generate([one.cells for one in mine.maps], im_height=found.height, im_width=found.width)
    expected = np.concatenate([one.get().numpy() for one in boxes or ()])
    # Ours are relative to the image, theirs to the input, of which the image may fill a part.
    share = np.array([found.seen[0] / found.height, found.seen[1] / found.width] * 2)
    got = anchors.anchors(mine) * share
    assert np.sort(got, 0) == pytest.approx(np.sort(expected, 0), abs=1e-5)

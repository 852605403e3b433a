# environment: train
"""Forms of outputs, YOLO's columns, and the zoo's anchors, worked out by hand and against the OD API."""

from typing import Any

import numpy as np
import pytest
from object_detection.anchor_generators import multiple_grid_anchor_generator, multiscale_grid_anchor_generator

from boxwright.core.runtime.errors import UserError
from boxwright.examine.running import cells

FORMS = {
    "detection op": ({"boxes": [1, 10, 4], "classes": [1, 10], "scores": [1, 10], "count": [1]}, "ssd"),
    "YOLO": ({"output_0": [1, 84, 8400]}, "yolo"),
    "YOLO, transposed": ({"output_0": [1, 25200, 85]}, "yolo"),
    "SSD": ({"output_0": [1, 1917, 4], "output_1": [1, 1917, 91]}, "anchors"),
    "SSD, scores first": ({"output_0": [1, 1917, 91], "output_1": [1, 1917, 4]}, "anchors"),
    "SSD, codes of four dimensions": ({"output_0": [1, 1917, 1, 4], "output_1": [1, 1917, 3]}, "anchors"),
}
OTHERS = {
    "classification": {"output_0": [1, 1001]},
    "segmentation": {"output_0": [1, 65, 65, 21]},
    "different rows": {"output_0": [1, 100, 4], "output_1": [1, 99, 3]},
    "two of a batch": {"output_0": [2, 84, 8400]},
    "nothing": {},
}


@pytest.mark.parametrize(("shapes", "kind"), FORMS.values(), ids=FORMS)
def test_forms(shapes, kind):
    assert cells.kind(shapes) == kind


@pytest.mark.parametrize("shapes", OTHERS.values(), ids=OTHERS)
def test_other_forms_are_refused(shapes):
    with pytest.raises(UserError, match="expected the four outputs of TFLite_Detection_PostProcess"):
        cells.kind(shapes)


# A cell: centre 32, 16, width 16, height 8 of an input of 64 pixels; scores of two classes.
CELL = [32, 16, 16, 8]
BOX = [12 / 64, 24 / 64, 20 / 64, 40 / 64]
YOLO = {
    "v8": ([*CELL, 0.1, 0.9], [0.1, 0.9]),
    "v5, with an objectness": ([*CELL, 0.5, 0.2, 0.8], [0.1, 0.4]),
    "fractions": ([0.5, 0.25, 0.25, 0.125, 0.1, 0.9], [0.1, 0.9]),
}


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize(("row", "scores"), YOLO.values(), ids=YOLO)
def test_yolo(row, scores, transposed):
    output = np.tile(np.array(row, np.float32), (1, 12, 1))
    raw = cells.yolo(output.swapaxes(1, 2) if transposed else output, 2, 64)
    assert raw.candidates is not None and raw.class_scores is not None
    assert raw.candidates.shape == (12, 4)
    assert raw.candidates[0].tolist() == pytest.approx(BOX)
    assert raw.class_scores[0].tolist() == pytest.approx(scores)


def test_yolo_with_its_own_suppression():
    raw = cells.yolo(np.array([[[24, 12, 40, 20, 0.9, 2]] * 8], np.float32), 3, 64)
    assert raw.boxes is not None and raw.scores is not None and raw.classes is not None
    assert (raw.boxes[0].tolist(), raw.classes[0]) == (pytest.approx(BOX), 2)


def centres(boxlist) -> np.ndarray:
    y1, x1, y2, x2 = boxlist.get().numpy().T
    return np.stack([(y1 + y2) / 2, (x1 + x2) / 2, y2 - y1, x2 - x1], 1)


@pytest.mark.parametrize("side", [320, 640])
def test_anchors_of_fpn_models_are_the_od_apis(side):
    generator = multiscale_grid_anchor_generator.MultiscaleGridAnchorGenerator(3, 7, 4.0, [1.0, 2.0, 0.5], 2)
    sizes = [(-(-side // 2**level),) * 2 for level in range(3, 8)]
    generated: Any = generator.generate(sizes, im_height=side, im_width=side)
    made = np.concatenate([centres(one) for one in generated])
    assert cells.known_anchors(len(made), side) == pytest.approx(made, abs=1e-5)


def test_anchors_of_ssd_models_are_the_od_apis():
    generator = multiple_grid_anchor_generator.create_ssd_anchors(
        num_layers=6, min_scale=0.2, max_scale=0.95, aspect_ratios=(1.0, 2.0, 0.5, 3.0, 0.3333)
    )
    sizes = [(19, 19), (10, 10), (5, 5), (3, 3), (2, 2), (1, 1)]
    generated: Any = generator.generate(sizes)
    made = np.concatenate([centres(one) for one in generated])
    assert len(made) == 1917
    assert cells.known_anchors(1917, 300) == pytest.approx(made, abs=1e-5)


def test_an_unknown_number_of_anchors_is_refused():
    with pytest.raises(UserError, match="it gives 77 boxes at an input of 300 pixels"):
        cells.known_anchors(77, 300)

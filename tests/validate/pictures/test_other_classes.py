# environment: data
"""Before a fixed camera, another thing at the same place is told by its class, where its looks are similar."""

import numpy as np
import pytest
from drawn_photos import places, put, texture

from boxwright.validate.pictures import matches, thumbnails


@pytest.mark.parametrize(
    ("noise", "classes", "copy"),
    [(0.08, (1, 1, 1), True), (0.08, (2, 2, 2), False), (0.0, (2, 2, 2), True)],
)
def test_alike_objects_of_other_classes_are_no_copy(noise, classes, copy):
    """noise: of the second picture. Without it, the second is a copy with other labels."""
    random = np.random.default_rng(3)
    grey, boxes = put(random, texture(random), places(random))
    x, y, width, height = boxes.T
    yxyx = np.stack([y, x, y + height, x + width], axis=1)
    other = grey.copy()
    for top, left, bottom, right in yxyx.astype(int):
        there = other[top:bottom, left:right]
        there[:] = np.clip(there + 255 * noise * (texture(random, *there.shape) - 0.5) * 6, 0, 255)
    first, second = (
        thumbnails.build(pixels, yxyx, np.array(of)) for pixels, of in ((grey, (1, 1, 1)), (other, classes))
    )
    kind = matches.relation(first, first.mirrored, second, flip=False, hashed=False)
    assert (kind in matches.COPIES) == copy, kind

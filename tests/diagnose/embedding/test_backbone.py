# environment: data
"""The forward pass of MobileNet v1, against loops over every place of a picture."""

import numpy as np
import pytest
import tiny_backbone

from boxwright.diagnose.embedding import backbone

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 37, 48, 3), dtype=np.uint8)
LAST = "Conv2d_13_pointwise"


def padded(x: np.ndarray, kernel: int, stride: int) -> np.ndarray:
    """TensorFlow's SAME padding: the larger half is below and to the right."""
    around = [max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in x.shape[:2]]
    return np.pad(x, [*((total // 2, total - total // 2) for total in around), (0, 0)])


def convolved(x: np.ndarray, layer: backbone.Layer) -> np.ndarray:
    kernel, stride = layer.kernel, layer.stride
    side, wide = len(kernel), padded(x, len(kernel), stride)
    rows, columns = (-(-length // stride) for length in x.shape[:2])
    found = np.empty((rows, columns, len(layer.beta)))
    for row in range(rows):
        for column in range(columns):
            part = wide[row * stride : row * stride + side, column * stride : column * stride + side]
            one = (part * kernel[..., 0]).sum((0, 1)) if layer.depthwise else np.einsum("hwi,hwio->o", part, kernel)
            found[row, column] = one
    return found


def by_loops(network, image):
    x = image / 127.5 - 1
    for layer in network:
        normal = (convolved(x, layer) - layer.mean) / np.sqrt(layer.variance + 0.001)
        x = np.clip(layer.gamma * normal + layer.beta, 0, 6)
    return x


def test_it_computes_what_loops_compute():
    network = backbone.layers(tiny_backbone.arrays())
    seen = backbone.run(network, IMAGES, [LAST])[LAST]
    assert seen.shape == (2, 2, 2, 4)
    assert seen == pytest.approx(np.stack([by_loops(network, image) for image in IMAGES]), abs=1e-4)


def test_names_of_a_detector_are_read():
    assert len(backbone.layers(tiny_backbone.arrays(prefix="FeatureExtractor/MobilenetV1/"))) == 27


def test_a_backbone_without_the_last_blocks_is_read():
    """A trained PPN ends behind block 11."""
    arrays = tiny_backbone.arrays()
    short = {name: array for name, array in arrays.items() if "Conv2d_12" not in name and "Conv2d_13" not in name}
    network = backbone.layers(short)
    assert network[-1].name == "Conv2d_11_pointwise"
    seen, expected = (backbone.run(one, IMAGES, ["Conv2d_11_pointwise"]) for one in (network, backbone.layers(arrays)))
    assert (seen["Conv2d_11_pointwise"] == expected["Conv2d_11_pointwise"]).all()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda a: a.clear(), "hold no MobileNet v1"),
        (lambda a: a.pop("MobilenetV1/Conv2d_3_pointwise/weights"), "have no Conv2d_3_pointwise/weights"),
        (lambda a: a.update({"MobilenetV1/Conv2d_0/weights": np.zeros((3, 3, 4, 4))}), "not have the shape"),
        (lambda a: a.update({"MobilenetV1/Conv2d_0/BatchNorm/beta": np.zeros((0,))}), "not have the shape"),
        (lambda a: a.update({"MobilenetV1/Conv2d_0/BatchNorm/beta": np.full(4, np.nan)}), "not numbers"),
        (lambda a: a.update({"MobilenetV1/Conv2d_0/BatchNorm/moving_variance": np.full(4, -1.0)}), "not numbers"),
    ],
)
def test_other_weights_are_no_backbone(broken, why):
    arrays = tiny_backbone.arrays()
    broken(arrays)
    with pytest.raises(ValueError, match=why):
        backbone.layers(arrays)

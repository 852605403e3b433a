"""A forward pass of MobileNet v1 from arrays with TF-slim names, of any width and without a detector.

Source of the network: Howard et al. 2017 (arXiv:1704.04861), table 1; slim/nets/mobilenet_v1.py.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from boxwright.core.pretrained.slim_arrays import EPSILON

# Strides of the 13 depthwise layers. The first layer, a full convolution, has stride 2.
_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
# The last block that every detector has.
_LAST = 11
_SCOPES = ("FeatureExtractor/MobilenetV1/", "MobilenetV1/")
# Images at once: 16 of 300 px take 0.1 GiB in the widest layer.
_BATCH = 16


@dataclass(frozen=True, eq=False)
class Layer:
    """kernel: (height, width, in, out), or (height, width, channels, 1) if depthwise. The others, (channels,), are of its batch
    norm. name: such as Conv2d_11_pointwise."""

    name: str
    kernel: np.ndarray
    stride: int
    gamma: np.ndarray
    beta: np.ndarray
    mean: np.ndarray
    variance: np.ndarray

    @property
    def depthwise(self) -> bool:
        return self.name.endswith("_depthwise")


def layers(arrays: Mapping[str, np.ndarray]) -> tuple[Layer, ...]:
    """The layers of the backbone. arrays: by TF-slim variable name, with batch norms.

    Raises ValueError with a clause that says why there are none: another network, missing arrays, other shapes, or values that
    are not finite.
    """
    scope = next((scope for scope in _SCOPES if f"{scope}Conv2d_0/weights" in arrays), None)
    if scope is None:
        raise ValueError("these weights hold no MobileNet v1")
    found, channels = [], 3
    for name, stride in _names_and_strides(arrays, scope):
        layer = _layer(arrays, scope + name, stride)
        _check(layer, channels)
        channels = len(layer.beta)
        found.append(layer)
    return tuple(found)


def _names_and_strides(arrays: Mapping[str, np.ndarray], scope: str) -> Iterator[tuple[str, int]]:
    """The layers from the first to the last. Those behind block _LAST may be missing: a trained PPN has none."""
    yield "Conv2d_0", 2
    for block, stride in enumerate(_STRIDES, 1):
        if block > _LAST and f"{scope}Conv2d_{block}_depthwise/depthwise_weights" not in arrays:
            return
        yield f"Conv2d_{block}_depthwise", stride
        yield f"Conv2d_{block}_pointwise", 1


def _layer(arrays: Mapping[str, np.ndarray], name: str, stride: int) -> Layer:
    def part(of: str) -> np.ndarray:
        if f"{name}/{of}" not in arrays:
            raise ValueError(f"these weights have no {name.rpartition('/')[2]}/{of}")
        return np.asarray(arrays[f"{name}/{of}"], np.float32)

    kernel = part("depthwise_weights" if name.endswith("_depthwise") else "weights")
    beta = part("BatchNorm/beta")
    gamma = part("BatchNorm/gamma") if f"{name}/BatchNorm/gamma" in arrays else np.ones_like(beta)
    mean, variance = part("BatchNorm/moving_mean"), part("BatchNorm/moving_variance")
    return Layer(name.rpartition("/")[2], kernel, stride, gamma, beta, mean, variance)


def _check(layer: Layer, channels: int) -> None:
    """Raises ValueError if the layer does not take this number of channels, or if a value is not finite."""
    side = 1 if layer.name.endswith("_pointwise") else 3
    out = channels if layer.depthwise else len(layer.beta)
    expected = (side, side, channels, 1 if layer.depthwise else out)
    norms = (layer.gamma, layer.beta, layer.mean, layer.variance)
    if layer.kernel.shape != expected or any(part.shape != (out,) for part in norms) or not out:
        raise ValueError(f"{layer.name} does not have the shape of a MobileNet v1")
    if not all(np.isfinite(part).all() for part in (layer.kernel, *norms)) or (layer.variance < 0).any():
        raise ValueError(f"{layer.name} holds values that are not numbers")


def run(network: tuple[Layer, ...], images: np.ndarray, wanted: Collection[str]) -> dict[str, np.ndarray]:
    """(n, height, width, channels) outputs of the wanted layers after their activation, by name; empty without images.

    images: (n, height, width, 3) uint8.
    """
    parts = [_run(network, images[at : at + _BATCH], wanted) for at in range(0, len(images), _BATCH)]
    return {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if parts else ())}


def _run(network: tuple[Layer, ...], images: np.ndarray, wanted: Collection[str]) -> dict[str, np.ndarray]:
    names = [layer.name for layer in network]
    last = 1 + max((names.index(name) for name in wanted), default=-1)
    import tensorflow as tf  # 3 seconds, which a diagnosis without weights need not spend

    outputs = {}
    with tf.device("/CPU:0"):
        x = tf.constant(images, tf.float32) * (2 / 255) - 1
        for layer in network[:last]:
            if layer.depthwise:
                x = tf.nn.depthwise_conv2d(x, layer.kernel, [1, layer.stride, layer.stride, 1], "SAME")
            else:
                x = tf.nn.conv2d(x, layer.kernel, layer.stride, "SAME")
            scale = layer.gamma / np.sqrt(layer.variance + EPSILON)
            x = tf.nn.relu6(x * scale + (layer.beta - layer.mean * scale))
            if layer.name in wanted:
                outputs[layer.name] = x.numpy()
    return outputs

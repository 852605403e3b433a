"""How far pictures are from what a backbone was trained on: its stored batch-norm moments against those of its activations.

A batch norm keeps the mean and the variance of its input over the training. Pictures of the same kind have the same moments.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from boxwright.core.pretrained.slim_arrays import EPSILON
from boxwright.diagnose.embedding import backbone
from boxwright.diagnose.embedding.backbone import Layer

# A ratio of variances counts as at most this factor. Without it, channels that are dead in the source decide the mean.
_MOST_RATIO = 100.0


@dataclass(frozen=True)
class BlockMismatch:
    """The mismatch of one block: a depthwise and a pointwise layer, or the first convolution (block 0).

    shift: mean over the channels of |mean - stored mean| / stored standard deviation. ratio: mean over the channels of
    |ln(variance / stored variance)|. divergence: median over the channels of the mean of both Kullback-Leibler divergences
    between the two normal distributions, in nats. channels: the number of channels.
    """

    block: int
    shift: float
    ratio: float
    divergence: float
    channels: int


def measure(images: np.ndarray, network: tuple[Layer, ...]) -> list[BlockMismatch]:
    """The mismatch of each block that has stored moments, from the first to the last.

    images: (n, height, width, 3) uint8 at the input size of the detector. Empty without images.
    """
    if not len(images):
        return []
    seen = backbone.run(network, images, (), moments=True)
    by_block: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    for layer in (layer for layer in network if layer.has_moments):
        mean = seen.means[layer.name].mean(0, dtype=float)
        variance = seen.squares[layer.name].mean(0, dtype=float) - mean**2
        by_block.setdefault(int(layer.name.split("_")[1]), []).append(_channels(layer, mean, variance))
    return list(_blocks(by_block))


def _channels(layer: Layer, mean: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(channels,) shift in stored standard deviations, and ln of the ratio of the variances."""
    stored = layer.variance.astype(float) + EPSILON
    limit = np.log(_MOST_RATIO)
    ratio = np.log((np.maximum(variance, 0) + EPSILON) / stored).clip(-limit, limit)
    return (mean - layer.mean) / np.sqrt(stored), ratio


def _blocks(by_block: dict[int, list[tuple[np.ndarray, np.ndarray]]]) -> Iterator[BlockMismatch]:
    for block, found in by_block.items():
        shift, ratio = (np.concatenate(parts) for parts in zip(*found, strict=True))
        factor = np.exp(ratio)
        divergence = (factor + 1 / factor - 2 + shift**2 * (1 + 1 / factor)) / 4
        yield BlockMismatch(
            block=block,
            shift=float(np.abs(shift).mean()),
            ratio=float(np.abs(ratio).mean()),
            divergence=float(np.median(divergence)),
            channels=len(shift),
        )

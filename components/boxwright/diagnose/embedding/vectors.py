"""Pictures as vectors: the activations in the middle of a backbone."""

import numpy as np

from boxwright.diagnose.embedding import backbone
from boxwright.diagnose.embedding.backbone import Layer

# The middle of the backbone. Of the layers 5, 8, 11, 13 and their combinations, these two together told planted wrong labels
# from right ones at least as well as any on three shared sets (area under the curve 0.999, 0.985 and 0.85).
LAYERS = ("Conv2d_8_pointwise", "Conv2d_11_pointwise")
# Channels vary by different amounts. One that hardly varies counts less, by this share of the mean variation.
_STEADY = 0.1
_BATCH = 64


def vectors(images: np.ndarray, network: tuple[Layer, ...]) -> np.ndarray:
    """(n, d) float32: for each of LAYERS the means of its channels over the four quarters of each image.

    Quarters keep what is left, right, above and below: an arrow to the left is not one to the right.
    """
    if not len(images):
        return np.empty((0, 0), np.float32)
    batches = (images[at : at + _BATCH] for at in range(0, len(images), _BATCH))
    seen = (backbone.run(network, batch, LAYERS) for batch in batches)
    return np.concatenate([np.concatenate([_quarters(outputs[name]) for name in LAYERS], axis=1) for outputs in seen])


def _quarters(outputs: np.ndarray) -> np.ndarray:
    """(n, 4 channels). An odd row or column in the middle belongs to both halves."""
    halves = [(slice(0, -(-side // 2)), slice(side // 2, side)) for side in outputs.shape[1:3]]
    return np.concatenate([outputs[:, y, x].mean((1, 2)) for y in halves[0] for x in halves[1]], axis=1)


def scaled(found: np.ndarray) -> np.ndarray:
    """Vectors with mean 0 and about the same variation in each dimension. Their mean square length is at most 1."""
    if not found.size:
        return found
    spread = found.std(0)
    return (found - found.mean(0)) / (spread + _STEADY * spread.mean() + 1e-9) / np.sqrt(found.shape[1])

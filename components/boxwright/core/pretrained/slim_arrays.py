"""Reads initial weights as arrays by TF-slim variable name, without TensorFlow."""

from pathlib import Path

import numpy as np

from boxwright.core.foreign_files import weight_files
from boxwright.core.pretrained import foreign_weights
from boxwright.core.runtime.errors import UserError

# The epsilon of the batch norms of TF-slim's MobileNets.
EPSILON = 0.001


def read(path: Path) -> dict[str, np.ndarray]:
    """Arrays by TF-slim variable name from an .npz, a TF1 checkpoint (folder or prefix) or its .tar.gz.

    Raises UserError for any other file, and for weights that are damaged or too large.
    """
    kind = "checkpoint" if path.is_dir() or Path(f"{path}.index").is_file() else weight_files.kind(path)
    if kind == "unknown":
        raise UserError(
            f"{path}: these are not initial weights; expected a TF1 checkpoint (folder or .tar.gz with model.ckpt.index), an "
            ".npz with TF-slim variable names, or a folder that `boxwright train` wrote"
        )
    try:
        arrays = foreign_weights.read(path, path)
        return _unfold(arrays) if kind == "npz" else arrays
    except MemoryError:
        raise UserError(f"{path}: there is not enough memory for these weights; close other programs") from None


def _unfold(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Replaces each bias into which batch norm was folded by a batch norm that computes the same.

    Its gamma is 1, beta the bias, mean 0 and variance 1 - epsilon. These constants take no memory, however long the bias is.
    """
    unfolded = {name: array.astype(np.float32, copy=False) for name, array in arrays.items()}
    for name, bias in arrays.items():
        layer = name.removesuffix("/biases")
        if layer == name or "Logits" in name or f"{layer}/BatchNorm/beta" in arrays:
            continue
        parts = {"gamma": 1, "moving_mean": 0, "moving_variance": 1 - EPSILON}
        constants = {part: np.broadcast_to(np.float32(value), bias.shape) for part, value in parts.items()}
        unfolded |= {f"{layer}/BatchNorm/{part}": value for part, value in constants.items()}
        unfolded[f"{layer}/BatchNorm/beta"] = unfolded[name]
    return unfolded

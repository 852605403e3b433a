"""How large an effect is, compared with its spread."""

import math

import numpy as np

_FEWEST = 8


def effect_size(values: np.ndarray) -> float | None:
    """Cohen's d of (n,) values against 0: mean over standard deviation. None for fewer than 8 values."""
    if len(values) < _FEWEST:
        return None
    mean, deviation = float(values.mean()), float(values.std(ddof=1))
    if deviation == 0:
        return math.copysign(math.inf, mean) if mean else 0.0
    return mean / deviation

# environment: data
"""Random weights of a very narrow MobileNet v1 with TF-slim names."""

import numpy as np


def arrays(seed: int = 0, width: int = 4, prefix: str = "MobilenetV1/") -> dict[str, np.ndarray]:
    """width: channels of every layer."""
    random = np.random.default_rng(seed)
    found, channels = {}, 3
    names = ["Conv2d_0", *(f"Conv2d_{i}_{kind}" for i in range(1, 14) for kind in ("depthwise", "pointwise"))]
    for name in names:
        depthwise = name.endswith("_depthwise")
        side = 1 if name.endswith("_pointwise") else 3
        shape = (side, side, channels, 1) if depthwise else (side, side, channels, width)
        inputs = side * side if depthwise else side * side * channels
        kernel = random.normal(0, np.sqrt(2 / inputs), shape).astype(np.float32)
        found[f"{prefix}{name}/{'depthwise_weights' if depthwise else 'weights'}"] = kernel
        values = (1.0, random.normal(0.5, 0.5, width), random.normal(0, 0.1, width), random.uniform(0.5, 1, width))
        for part, value in zip(("gamma", "beta", "moving_mean", "moving_variance"), values, strict=True):
            found[f"{prefix}{name}/BatchNorm/{part}"] = np.broadcast_to(value, width).astype(np.float32)
        channels = width
    return found

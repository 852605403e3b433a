"""The numbers of a message as they are in the file."""

import math
import struct


def shortest(value: float) -> float:
    """The number as it is in the file: 0.15. The message holds the nearest float32, 0.15000000596."""
    nearest = _float32(value)
    found = (float(f"{nearest:.{digits}g}") for digits in range(1, 10))  # nine digits name every float32
    return next((one for one in found if _float32(one) == nearest), nearest)  # NaN is equal to nothing


def _float32(value: float) -> float:
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)

"""Arrays as bytes, for the messages to and from a child process (child_process.Service). Nothing in a message can run.

A message is a line of JSON, which gives name, type and shape of each array, and then their bytes.
"""

import json
import math
from collections.abc import Mapping

import numpy as np

from boxwright.core.runtime.errors import UserError

_KINDS = ("uint8", "int8", "int16", "int32", "int64", "float32", "float64")


def pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The message of some arrays of numbers, by name."""
    head = [[name, array.dtype.name, list(array.shape)] for name, array in arrays.items()]
    return (
        json.dumps(head).encode() + b"\n" + b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    )


def unpack(message: bytes) -> dict[str, np.ndarray]:
    """The arrays of a message. Raises UserError if it is not one, as from a child that a damaged file has broken."""
    try:
        line, _, rest = message.partition(b"\n")
        found, start = {}, 0
        for name, kind, shape in json.loads(line):
            if kind not in _KINDS or not all(isinstance(size, int) and size >= 0 for size in shape):
                raise ValueError
            count = math.prod(shape)
            found[str(name)] = np.frombuffer(rest, kind, count, start).reshape(shape)
            start += found[str(name)].nbytes
    except (ValueError, TypeError, RecursionError):
        raise UserError("the process that reads the file gave a damaged answer; copy the file again") from None
    return found

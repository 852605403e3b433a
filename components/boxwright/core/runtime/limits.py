"""How much is read of what a stranger made: limits, and reads that count while they read.

Each limit is far above what real files have; its comment says what real files have. A file above a limit raises a UserError that
names the file, the limit and what to do. A file that describes many images has no fixed limit: COCO files of several GB exist, so
their limit is the memory that the machine has left (`check_memory`).
"""

import os
import re
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from boxwright.core.runtime.errors import UserError

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
# Bytes of memory that are taken without asking whether they are left.
SMALL = 256 * MIB

# Bytes of a YAML file: data.yaml with 10,000 classes has 300 KiB, a compiled pipeline 200 KiB.
YAML_BYTES = 16 * MIB
# Values of a YAML file after its aliases are written out: the same data.yaml has 20,000.
YAML_NODES = 1_000_000
# Levels of a YAML, JSON or protobuf text: a compiled pipeline has 20, a COCO file 5.
LEVELS = 100
# Bytes of a protobuf text (label map, pipeline.config, schema): a label map with 20,000 classes has 1.5 MiB.
PROTO_TEXT_BYTES = 16 * MIB
# Bytes and objects of an annotation of one image: 5,000 polygons of 50 points have 5 MiB.
IMAGE_LABEL_BYTES = 32 * MIB
IMAGE_OBJECTS = 100_000
# Bytes of a labelme json, which also holds the image as base64.
LABELME_BYTES = 512 * MIB
# Bytes and lines of a list of images: Open Images has 1.9 million images and 150 MiB of names.
LIST_BYTES = GIB
LIST_LINES = 10_000_000
# Bytes of a list of class names: 20,000 of them have 400 KiB.
NAMES_BYTES = 16 * MIB
# Bytes of a JSON file that Boxwright wrote. The largest holds evaluate's detections: 13 KiB for each image.
OWN_JSON_BYTES = 4 * GIB

_CHUNK = MIB
_DO = "give a smaller file, or the file that was meant"


def read_at_most(stream: IO[bytes], most: int, what: object, do: str = _DO) -> bytes:
    """All bytes of a stream. Raises UserError, without reading on, if it holds more than `most` bytes.

    what: the file or its member, which begins the error's sentence. do: what the user can do, which ends it.
    """
    return b"".join(chunks_at_most(stream, most, what, do))


def chunks_at_most(stream: IO[bytes], most: int, what: object, do: str = _DO) -> Iterator[bytes]:
    """The bytes of a stream in pieces of 1 MiB or less; raises UserError as `read_at_most` does, before the piece beyond."""
    left = most
    while chunk := stream.read(min(_CHUNK, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise too_large(what, most, do)
        yield chunk


def check_size(size: int, most: int, what: object, do: str = _DO) -> None:
    """Raises UserError if a size in bytes that a header or a file system names is above a limit."""
    if size > most:
        raise too_large(what, most, do, f" (it has {in_words(size)})")


class TooLarge(UserError):
    """A file beyond a limit."""


def too_large(what: object, most: int, do: str = _DO, got: str = "") -> TooLarge:
    """The error for more than `most` bytes."""
    return TooLarge(f"{what} holds more than {in_words(most)}{got}, and not more is read; {do}")


def in_words(size: int) -> str:
    """A number of bytes for a sentence, such as `1.5 GiB`."""
    name, unit = next(
        ((name, unit) for name, unit in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)) if size >= unit), ("bytes", 1)
    )
    return f"{size / unit:.4g} {name}"


def from_environment(variable: str, default: int, unit: int, name: str) -> int:
    """Bytes of a limit that the user can raise: the number of units in an environment variable, else `default`.

    name: of the unit, for the error. Raises UserError if the variable holds no number above 0.
    """
    given = os.environ.get(variable, "")
    try:
        most = int(float(given) * unit) if given else default
    except (ValueError, OverflowError):
        most = 0
    if most <= 0:
        raise UserError(f"{variable}={given}: expected a number of {name} above 0, such as 5")
    return most


def check_memory(need: int, what: object) -> None:
    """Raises TooLarge if a file needs more bytes of memory than this machine has left."""
    if need > SMALL and need > (room := memory_left()):
        raise TooLarge(
            f"{what} needs at least {in_words(need)} of memory to be read, and {in_words(room)} are left; move it out of the "
            "data if it is no annotation, else split it, or use a machine with more memory"
        )


def memory_left() -> int:
    """Bytes of memory that this process can still take: the machine's, the container's (cgroup v2) or `ulimit -v`'s."""
    machine = _number("/proc/meminfo", r"MemAvailable:\s+(\d+)") << 10 or _UNKNOWN
    container, address_space = _UNKNOWN, _UNKNOWN
    if most := _number("/sys/fs/cgroup/memory.max", r"(\d+)"):
        freeable = _number("/sys/fs/cgroup/memory.stat", r"\binactive_file (\d+)")
        container = most - _number("/sys/fs/cgroup/memory.current", r"(\d+)") + freeable
    if (soft := resource.getrlimit(resource.RLIMIT_AS)[0]) != resource.RLIM_INFINITY:
        address_space = soft - (_number("/proc/self/status", r"VmSize:\s+(\d+)") << 10)
    return max(0, min(machine, container, address_space))


_UNKNOWN = 1 << 62


def _number(file: str, pattern: str) -> int:
    """The number that a pattern finds in one of the kernel's files; 0 if it is not there."""
    try:
        found = re.search(pattern, Path(file).read_text(encoding="ascii", errors="replace"))
    except OSError:
        return 0
    return int(found[1]) if found else 0

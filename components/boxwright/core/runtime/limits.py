"""How much is read of what a stranger made: limits, and reads that count while they read.

Each limit is far above what real files have; its comment says what real files have. A file above a limit raises a UserError that
names the file, the limit and what to do. An annotation file has no fixed limit here: COCO files of several GB exist, so their
limit follows the memory of the machine.
"""

from collections.abc import Iterator
from typing import IO

from boxwright.core.runtime.errors import UserError

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

# Bytes of a YAML file: data.yaml with 10,000 classes has 300 KiB, a compiled pipeline 200 KiB.
YAML_BYTES = 16 * MIB
# Values of a YAML file after its aliases are written out: the same data.yaml has 20,000.
YAML_NODES = 1_000_000
# Levels of a YAML, JSON or protobuf text: a compiled pipeline has 20, a COCO file 5.
LEVELS = 100
# Bytes of a protobuf text (label map, pipeline.config, schema): a label map with 20,000 classes has 1.5 MiB.
PROTO_TEXT_BYTES = 16 * MIB
# Bytes of one annotation that describes one image: labelme stores the image in it, as base64.
IMAGE_ANNOTATION_BYTES = 512 * MIB
# Bytes and lines of a list of images: Open Images has 1.9 million images and 150 MiB of names.
LIST_BYTES = GIB
LIST_LINES = 10_000_000
# Bytes of a JSON file that Boxwright wrote, such as findings.json: those of COCO have 1 MiB.
OWN_JSON_BYTES = 256 * MIB

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


def too_large(what: object, most: int, do: str = _DO, got: str = "") -> UserError:
    """The error for more than `most` bytes."""
    return UserError(f"{what} holds more than {in_words(most)}{got}, and not more is read; {do}")


def in_words(size: int) -> str:
    """A number of bytes for a sentence, such as `1.5 GiB`."""
    name, unit = next(
        ((name, unit) for name, unit in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)) if size >= unit), ("bytes", 1)
    )
    return f"{size / unit:.4g} {name}"

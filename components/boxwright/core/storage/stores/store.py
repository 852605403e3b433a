"""What Boxwright asks of a bucket. `buckets.store_of` gives the store of a URI."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Object:
    """An object of a bucket.

    version: names this content; empty: whatever is there. checksum: as the store lists it; empty if it lists none.
    encoding: content encoding, if the store lists it. sha256: shortened as by `digests.of_file`, if a publication lists it.
    """

    name: str
    size: int = 0
    version: str = ""
    checksum: str = ""
    encoding: str = ""
    sha256: str = ""


class Gone(Exception):
    """There is no such object, or it has another version now."""


class Conflict(Exception):
    """The object that was to be replaced has another version, or exists although it was to be new."""


class Damaged(Exception):
    """The content that arrived differs from its checksum."""


class Store(Protocol):
    """One bucket. Its methods retry after temporary failures, and raise the library's exceptions: see `buckets.explained`.

    Several threads may call them at once.
    """

    def listed(self, prefix: str) -> Iterator[Object]:
        """All objects whose names begin with `prefix`."""
        ...

    def stat(self, name: str) -> Object | None:
        """The object of this name; None if there is none."""
        ...

    def read(self, there: Object) -> bytes:
        """The content of a small object, in the version given. Raises Gone and Damaged."""
        ...

    def download(self, there: Object, file: Path) -> str:
        """Writes the content, in the version given, to a file as it is stored. Returns its content encoding.

        Raises Gone and Damaged.
        """
        ...

    def put(self, name: str, content: bytes | Path, replaces: str | None = None) -> Object:
        """Writes an object: its content as bytes, or from a file. Readers see the old content or the whole new one.

        replaces: for a small object; write only if it has this version; empty: only if there is none; None: whatever is there.
        Raises Conflict, and Damaged if what arrived differs from the content.
        """
        ...

    def delete(self, name: str) -> None:
        """Deletes an object. One that does not exist is no error."""
        ...

    def same(self, there: Object, file: Path) -> bool:
        """Whether the listed checksum says that the object has the content of the file. False if it cannot tell."""
        ...

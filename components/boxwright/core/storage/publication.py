"""The format of a publication in a bucket. README.md describes the protocol.

PREFIX/boxwright-publication.json     the marker: names the current publication and lists its files
PREFIX/DIGEST/...                     the files of one publication, under their own names
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from boxwright.core.runtime import digests

MARKER = "boxwright-publication.json"
# A failed run is published in this folder below its --out, so that the last successful run stays unchanged.
FAILED = "failed"
_FORMAT = 2


@dataclass(frozen=True, kw_only=True)
class File:
    """size: bytes; sha256: shortened as by `digests.of_file`."""

    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Publication:
    """files: by name below the publication's folder; single: readers get one file, not a folder."""

    files: Mapping[str, File] = field(default_factory=dict)
    single: bool = False

    @property
    def digest(self) -> str:
        return digests.of_json({name: file.sha256 for name, file in self.files.items()})

    def as_marker(self) -> bytes:
        """The marker's content. Equal publications give equal bytes."""
        facts = {"boxwright_publication": _FORMAT, "digest": self.digest, **asdict(self)}
        return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()


def from_marker(body: bytes) -> Publication:
    """The publication of a marker. Raises ValueError for content that `Publication.as_marker` did not write."""
    try:
        facts = json.loads(body)
        files = {name: File(**file) for name, file in facts["files"].items()}
        found = Publication(files=files, single=facts["single"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    if body != found.as_marker():
        raise ValueError("its content was changed")
    return found

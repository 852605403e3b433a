"""What a publication in a bucket is: the names of its files, and what each of them has to be.

    gs://bucket/prefix/boxwright-publication.json     the marker: says which publication holds, and lists its files
    gs://bucket/prefix/DIGEST/...                     the files of one publication, under their own names

DIGEST is that of all names and contents, so that the objects of two publications lie apart, and the marker pins the generation
of each. The marker is the only object that is ever replaced: who reads it has the whole old publication or the whole new one.
A marker without files is put before the first publication's: what lies there is then not whole yet.
Earlier publications stay where they are until somebody deletes their folder.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from boxwright.core.runtime import digests

MARKER = "boxwright-publication.json"
# Where below its --out a run that failed is published: the results of the last one that did not stay as they are.
FAILED = "failed"
_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class File:
    """size: bytes; sha256: as `digests.of_file` shortens it; crc32c: base64, as buckets say it; generation: of the object, 0 for
    none yet."""

    size: int
    sha256: str
    crc32c: str
    generation: int = 0


@dataclass(frozen=True, kw_only=True)
class Publication:
    """files: by name below the publication's folder; single: one file by itself, not a folder."""

    files: Mapping[str, File] = field(default_factory=dict)
    single: bool = False

    @property
    def digest(self) -> str:
        return digests.of_json({name: file.sha256 for name, file in self.files.items()})

    def body(self) -> bytes:
        """The marker's content: the same publication has the same bytes."""
        facts = {"boxwright_publication": _FORMAT, "digest": self.digest, **asdict(self)}
        return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()


def parse(body: bytes) -> Publication:
    """Raises ValueError unless these are the bytes that `Publication.body` gave."""
    try:
        facts = json.loads(body)
        files = {name: File(**file) for name, file in facts["files"].items()}
        found = Publication(files=files, single=facts["single"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    if body != found.body():
        raise ValueError("it is not as it was written")
    return found

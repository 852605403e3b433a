"""What is declared about another tool's format: how its files are recognised, and what to give instead."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Tool:
    """The format of a tool, as the end of a sentence that begins with the name of a file.

    name: what the file is, as in "Create ML json". do: what to give instead. suffixes: of its files, in lower case. keys: json
    keys that the beginning of the file holds, all of them. rows: matches at the first row that is not blank. path: matches
    somewhere in the path. Each of keys, rows and path has to agree where it is given. by_people: False for what models and
    programs write.
    """

    name: str
    do: str
    suffixes: tuple[str, ...]
    keys: tuple[str, ...] = ()
    rows: re.Pattern[str] | None = None
    path: re.Pattern[str] | None = None
    by_people: bool = True

    def matches(self, file: Path, start: str) -> bool:
        """start: the beginning of the file, without a byte order mark."""
        if file.suffix.lower() not in self.suffixes or (self.path and not self.path.search(file.as_posix())):
            return False
        if self.rows and not self.rows.match(start.lstrip()):
            return False
        return all(f'"{key}"' in start for key in self.keys)


# Suffixes of the files that hold annotations.
ANY = (
    ".json",
    ".jsonl",
    ".ndjson",
    ".manifest",
    ".csv",
    ".tsv",
    ".txt",
    ".xml",
    ".zip",
    ".tar",
    ".gz",
    ".parquet",
    ".record",
)
COCO = "export it as COCO json"
# For tools without an export that convert reads: the csv is the shortest thing to write.
WRITE = (
    "write it as COCO json, or as a csv with the header line `filename,class,xmin,ymin,xmax,ymax` and the edges of the boxes in "
    "pixels"
)

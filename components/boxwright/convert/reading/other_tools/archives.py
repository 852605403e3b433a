"""Archives and other containers that convert does not open: recognised by their first bytes, whatever they are called."""

from pathlib import Path, PurePosixPath

_ZIP, _TAR = "a zip archive", "a tar archive"
# Offset of the mark, the mark, and what it stands for.
_MARKS = (
    (0, b"PK\x03\x04", _ZIP),
    (0, b"Rar!\x1a\x07", "a rar archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (257, b"ustar", _TAR),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\x00", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (0, b"PAR1", "Parquet"),
    (0, b"ARROW1", "Arrow"),
    (0, b"\x89HDF\r\n\x1a\n", "HDF5"),
    (0, b"MATLAB 5.0 MAT-file", "a MATLAB file"),
    (0, b"SQLite format 3\x00", "an SQLite database"),
)
SPREADSHEETS = frozenset((".xlsx", ".xls", ".ods", ".numbers"))
_SUFFIXES = SPREADSHEETS | frozenset((
    *(".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"),
    *(".parquet", ".arrow", ".h5", ".hdf5", ".mat", ".db", ".sqlite"),
))  # fmt: skip
_TABLES = {
    "Parquet": "Hugging Face's data sets have this form",
    "Arrow": "Hugging Face's data sets have this form",
    "HDF5": "",
    "a MATLAB file": "",
    "an SQLite database": "",
}
# Bytes that hold every mark, and the names of a tar's first members if these are small.
START = 64 << 10
_BLOCK = 512


def is_archive_name(file: Path) -> bool:
    return file.suffix.lower() in _SUFFIXES


def describe(start: bytes) -> str:
    """What a file is and what to do with it, as the end of a sentence; empty for any other file. start: its first bytes."""
    kind = next((kind for at, mark, kind in _MARKS if start[at : at + len(mark)] == mark), "")
    if kind in _TABLES:
        why = f" ({_TABLES[kind]})" if _TABLES[kind] else ""
        return (
            f"is {kind}{why}, which convert does not read; write the images as files and the annotations as COCO json"
        )
    if kind == _TAR and _is_web_dataset(start):
        return "is a WebDataset tar; write its images as files and their annotations as COCO json"
    return f"is {kind}; unpack it, and give the folder that holds its files" if kind else ""


def _is_web_dataset(start: bytes) -> bool:
    """Whether the first members are an image and a json or a class of one name, as in `000001.jpg`, `000001.json`."""
    names = _members(start)
    stems = {PurePosixPath(name).stem for name in names}
    return len(names) > 1 and len(stems) == 1 and any(name.endswith((".json", ".cls", ".txt")) for name in names)


def _members(start: bytes) -> list[str]:
    """The names of the first two members that are files. A tar has blocks of 512 bytes; a header has the name at 0, the size in
    octal digits at 124, and the kind at 156."""
    names: list[str] = []
    at = 0
    while len(names) < 2 and (header := start[at : at + _BLOCK])[257:262] == b"ustar":
        size = int(bytes(digit for digit in header[124:135] if digit in b"01234567") or b"0", 8)
        if header[156:157] in (b"0", b"\0"):
            names.append(header[:100].rstrip(b"\0").decode("utf-8", "replace"))
        at += _BLOCK * (1 + -(-size // _BLOCK))
    return names

"""The files of a data folder: lists them, reads them, names them."""

import errno
import io
import json
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from boxwright.convert.splits.folder_splits import FolderSplits
from boxwright.core.foreign_files import walk
from boxwright.core.foreign_files.walk import is_image, raise_unreadable
from boxwright.core.runtime import limits, printable
from boxwright.core.runtime.errors import UserError

if TYPE_CHECKING:
    from boxwright.core.labels import Item  # imports protobuf, which the command line does not need

_TOO_LARGE = "move it out of the data if it is no annotation, else split it"
_OVERLAP = 100
# Characters of a path in an annotation: real ones have 300. Each row of the quarantine repeats it.
_LONGEST_NAME = 1024
# The errors of a path that names no file: a link (which is not followed), a name that is too long, a file as a folder.
_NO_FILE = (errno.ELOOP, errno.ENAMETOOLONG, errno.ENOTDIR)
_FOLDER_NAMES = ("", ".", "..")
_NOT_TEXT = re.compile("[\0\ud800-\udfff]")  # NUL, and lone surrogates


@dataclass(frozen=True)
class Folder:
    """What `--data` names, before its annotations are read.

    data: a folder, or a single annotation file with its images around it. root: the folder, as a real path. files: every file
    below it. image_files: those with the suffix of an image. other_files: the rest. real: the real path of each file that a link
    places elsewhere. follow_links: files outside of the folder may be read. label_map: the classes of `--label-map`, which name
    numbers of classes.
    """

    data: Path
    root: Path
    files: list[Path]
    image_files: list[Path]
    other_files: list[Path]
    real: dict[str, str] = field(default_factory=dict)
    follow_links: bool = False
    label_map: Sequence["Item"] = ()

    @cached_property
    def listed(self) -> dict[str, Path]:
        """The files by their paths as text."""
        return {str(file): file for file in self.files}

    @cached_property
    def splits(self) -> FolderSplits:
        """Which split each folder stands for."""
        return FolderSplits(self._folders_of(self.files), set(self._folders_of(self.image_files)))

    def _folders_of(self, files: list[Path]) -> list[str]:
        """The relative names of the folders of files; empty for the data folder itself."""
        folders = {path.rpartition("/")[0] for path in map(str, files)}  # dirname takes four times as long
        return ["" if folder == str(self.root) else relative_name(Path(folder), self.root) for folder in folders]

    def split_of(self, file: Path) -> str | None:
        """The split that the folders of a file stand for."""
        return self.splits.of(relative_name(file, self.root))

    def split_of_list(self, file: Path) -> str | None:
        return self.splits.of_list(relative_name(file, self.root))

    def image_paths(self) -> list[str]:
        """The real paths of the image files that may be read."""
        paths = map(str, self.image_files)
        if not self.real:
            return list(paths)
        return [self.real.get(path, path) for path in paths if self.follow_links or self.is_inside(path)]

    def is_inside(self, path: str) -> bool:
        """Whether the real path of an existing file or folder lies in the data folder."""
        real = self.real.get(path) or (path if path in self.listed else os.path.realpath(path))
        return walk.is_inside(real, str(self.root))

    def may_read(self, path: str) -> bool:
        """Whether a file exists and may be read: it lies in the data folder, or files outside may be read, too."""
        return os.path.exists(path) and (self.follow_links or self.is_inside(path))


def list_folder(data: Path, follow_links: bool = False) -> Folder:
    """data: an existing folder or file. follow_links: files outside of the folder may be read.

    Raises UserError for a folder that cannot be listed, and for links in it that lead outside and may not be followed. Links to
    images are an exception: their reader quarantines the images.
    """
    root = (data if data.is_dir() else data.parent).resolve()
    found = walk.files_below(root, follow_links)
    given = root / data.name
    if data.is_file() and str(given) in found.left_out:  # the user names this file, wherever it lies
        found.left_out.remove(str(given))
        found.files.append(given)
    _refuse_links(found.left_out, root)
    image_files: list[Path] = []
    other_files: list[Path] = []
    for file in found.files:
        (image_files if is_image(file) else other_files).append(file)
    image_files, twins = _without_twins(image_files)
    other_files += twins
    return Folder(data, root, found.files, image_files, other_files, found.real, follow_links)


def _without_twins(images: list[Path]) -> tuple[list[Path], list[Path]]:
    """The images without those that cannot be decoded and lie beside a readable one of the same name; then these. iPhones and
    converters leave `IMG_1.HEIC` beside `IMG_1.JPG`, and the annotation of `IMG_1` belongs to both."""
    unreadable = {file for file in images if file.suffix.lower() in walk.UNREADABLE_SUFFIXES}
    if not unreadable:
        return images, []
    readable = {file.with_suffix("") for file in images if file not in unreadable}
    twins = [file for file in images if file in unreadable and file.with_suffix("") in readable]
    left_out = set(twins)
    return [file for file in images if file not in left_out], twins


def _refuse_links(links: list[str], root: Path) -> None:
    """Raises UserError for links that lead outside: their files may be the labels or the class names of the data."""
    if links:
        first = links[0]
        kind = "folder" if os.path.isdir(first) else "file"
        more = f" (one of {len(links)} such links)" if len(links) > 1 else ""
        raise UserError(
            f"{relative_name(Path(first), root)} in {root} is a link to a {kind} outside of --data{more}, and is not followed. "
            "Put a copy in its place; or remove the link, if the data do not need it; or pass --follow-links, if you trust "
            "whoever made the data"
        )


def load_start(file: Path, most: int) -> bytes | None:
    """The first `most` bytes of a file, in UTF-8. None for a pipe or a broken link.

    Raises UserError for a file without read permission.
    """
    found = _read(file, lambda opened, _: opened.read(most))
    if found is None or (encoding := json.detect_encoding(found)).startswith("utf-8"):
        return found
    return found.decode(encoding, "ignore").encode()


def pieces(file: Path, begin: int, end: int) -> Iterator[bytes]:
    """A regular file from one byte to another, in UTF-8, in pieces of 1 MiB. Each piece repeats the end of the one before, so
    that a short word is whole in one of them."""
    with open(file, "rb", buffering=0, opener=open_nonblocking) as opened:
        mark = opened.read(4)
        encoding = json.detect_encoding(mark)
        if encoding in ("utf-16", "utf-32"):  # the byte order mark is only at the beginning
            encoding += "-le" if mark.startswith(b"\xff") else "-be"
        opened.seek(begin - begin % 4)
        last = b""
        while opened.tell() < end and (piece := opened.read(limits.MIB)):
            piece = (
                piece if encoding.startswith("utf-8") else piece.decode(encoding, "ignore").encode("utf-8", "ignore")
            )
            yield last + piece
            last = piece[-_OVERLAP:]


def load_bytes(file: Path, most: int | None = None) -> bytes:
    """The whole file. most: its largest size in bytes; None for a file of many images, which has to fit into the memory.

    Raises UserError for a file without read permission, a pipe or a broken link, and TooLarge for one beyond the limit.
    """

    def whole(opened: io.FileIO, size: int) -> bytes:
        limits.check_memory(size, file) if most is None else limits.check_size(size, most, file, _TOO_LARGE)
        # One call of `read` returns up to 2 GiB. A file that grows meanwhile is not read further.
        return opened.read(size + 1) if size < limits.GIB else opened.readall()

    if (found := _read(file, whole)) is None:
        raise_unreadable(OSError(0, "it is a pipe or a broken link", str(file)))
    return found


def load_text(file: Path, most: int | None = None, errors: str = "strict") -> str:
    """The whole file as text. It is read as UTF-8, or as UTF-16 or UTF-32 if its first bytes say so (as JSON defines it).

    most: as in `load_bytes`. errors: as in `bytes.decode`. Raises UserError for a file that cannot be read, that has another
    encoding, or that is too large.
    """
    return decoded(load_bytes(file, most), file, errors)


def load_lines(file: Path) -> list[str]:
    """The lines of a list of images that are not blank, without spaces around them. Raises UserError as `load_text` does, and for
    a list with too many lines."""
    lines = [text for line in load_text(file, limits.LIST_BYTES).splitlines() if (text := line.strip())]
    if len(lines) > limits.LIST_LINES:
        raise limits.TooLarge(
            f"{file} lists {len(lines):,} images, and up to {limits.LIST_LINES:,} are read; {_TOO_LARGE}"
        )
    return lines


def decoded(content: bytes, file: Path, errors: str = "strict") -> str:
    """The content of a file as text. Raises UserError as `load_text` does."""
    try:
        return content.decode(json.detect_encoding(content), errors)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file} cannot be read as text: {error}; save it as UTF-8, or correct its suffix if it is not text"
        ) from None


def _read(file: Path, read: Callable[[io.FileIO, int], bytes]) -> bytes | None:
    """What `read` returns for the open file and its size in bytes. None for a pipe or a broken link."""
    try:
        with open(file, "rb", buffering=0, opener=open_nonblocking) as opened:
            status = os.fstat(opened.fileno())
            return read(opened, status.st_size) if stat.S_ISREG(status.st_mode) else None
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP):
            return None
        raise_unreadable(error)


def open_nonblocking(file: str, flags: int) -> int:
    """An opener for `open` that does not block on a pipe without a writer."""
    return os.open(file, flags | os.O_NONBLOCK)


def open_no_link(file: str, flags: int) -> int:
    """An opener for `open` that opens no link and does not block. A path that names no file leads to FileNotFoundError."""
    try:
        return open_nonblocking(file, flags | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in _NO_FILE:
            raise FileNotFoundError(errno.ENOENT, "no file, or a link where a file was", file) from None
        raise


def read_in_place(file: str) -> bytes:
    """The bytes of the file that lies at this real path now. No link is followed, not even above the file.

    A link that was put there after the path was checked leads to FileNotFoundError. A file object would take longer than this
    check. Raises OSError if the file cannot be read.
    """
    opened = open_no_link(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not _lies_at(file, opened):
            raise FileNotFoundError(errno.ENOENT, "behind a link, where a folder was", file)
        size = os.fstat(opened).st_size
        data = os.read(opened, size)
        while len(data) < size and (more := os.read(opened, size - len(data))):  # one call reads at most 2 GiB
            data += more
        return data
    finally:
        os.close(opened)


def _lies_at(file: str, opened: int) -> bool:
    try:
        real = os.readlink(f"/proc/self/fd/{opened}")
    except OSError:  # a system without /proc
        real = os.path.realpath(file)
    # Disks of Windows and macOS answer to names in other case and other Unicode forms.
    return real == file or _without_case(real) == _without_case(file)


def _without_case(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def relative_name(file: Path, root: Path) -> str:
    """The name of a file relative to the data folder; it begins with `..` for a file outside."""
    path, inside = str(file), f"{root}/"
    # A slice takes a tenth of relpath's time.
    name = path[len(inside) :] if path.startswith(inside) and ".." not in path else os.path.relpath(path, root)
    return name if name.isascii() and name.isprintable() else printable_name(name)


def printable_name(name: str) -> str:
    """A file name as valid text on one line: bytes that are not UTF-8 become `\\xe9`, because records and tables take only valid
    text, and so do control characters but tabs, because reports, lists and terminals show the name."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "\t".join(map(printable.visible_line, text.split("\t")))


def is_text_name(name: str) -> bool:
    """Whether a path in a text or a json can name a file: `is_file_name`, and valid text. JSON can hold halves of characters."""
    return is_file_name(name) and not _NOT_TEXT.search(name)


def is_file_name(name: str) -> bool:
    """Whether a path in an annotation can name a file; `.`, `images/` and the like name a folder. A path can be too long."""
    if len(name) > _LONGEST_NAME:
        return False
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # normpath is slow, and only `images/` and `images/..` need it.
    return last not in _FOLDER_NAMES or os.path.basename(os.path.normpath(name.replace("\\", "/"))) not in _FOLDER_NAMES

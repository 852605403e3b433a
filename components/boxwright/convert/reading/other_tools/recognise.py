"""Which tool wrote the files of a folder in which no format was found. Reads the beginning of some files only."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from boxwright.convert.reading import files
from boxwright.convert.reading.files import Folder, relative_name
from boxwright.convert.reading.other_tools import archives, json_tools, text_tools
from boxwright.convert.reading.other_tools.tool import Tool

TOOLS: tuple[Tool, ...] = (*text_tools.TOOLS, *json_tools.TOOLS)
# Bytes that are searched: SageMaker's first line, and the first image of a long json, have a few KiB.
_START = archives.START
# Files of one folder and one suffix that are read, and all files that are read. A tool writes the same form into all of them;
# beside them may lie a few others, such as a list of classes.
_ALIKE, _MOST = 20, 400
# Tools and archives that one error names.
_NAMED = 3


def sentences(folder: Folder, left_out: Collection[Path] = (), *, tools_only: bool = False) -> dict[Path, str]:
    """For the first file of each foreign tool, the sentence that names the tool and says what to give instead.

    left_out: files that are not looked at. tools_only: leave out archives, and the outputs of models.
    """
    known = _known(folder, set(left_out), tools_only)
    count = Counter(known.values())
    first = {what: file for file, what in reversed(known.items())}
    named = sorted(first.items(), key=lambda pair: -count[pair[0]])[:_NAMED]
    return {file: _sentence(relative_name(file, folder.root), what, count[what]) for what, file in named}


def describe(file: Path, tools_only: bool = False) -> str:
    """What a file is and what to give instead, as the end of a sentence; empty for a file that no tool is known to write.

    tools_only: as in `sentences`.
    """
    suffix = file.suffix.lower()
    tools = [tool for tool in TOOLS if suffix in tool.suffixes and (tool.by_people or not tools_only)]
    if not tools and (tools_only or not archives.is_archive_name(file)):
        return ""
    start = files.load_start(file, _START) or b""
    if suffix in archives.SPREADSHEETS and not tools_only:
        return "is a spreadsheet; save it as csv, with the first line `filename,class,xmin,ymin,xmax,ymax`"
    if (what := archives.describe(start)) and not tools_only:
        return what
    text = start.decode("utf-8-sig", "replace")
    return next((f"is {tool.name}; {tool.do}" for tool in tools if tool.matches(file, text)), "")


def _known(folder: Folder, left_out: set[Path], tools_only: bool) -> dict[Path, str]:
    """What each file is, for those that a tool is known to write."""
    candidates = (
        [folder.root / folder.data.name]
        if folder.data.is_file()
        else list(_sample(file for file in folder.other_files if file not in left_out))
    )
    return {file: what for file in candidates if (what := describe(file, tools_only))}


def _sample(found: Iterable[Path]) -> Iterator[Path]:
    """The first files of each folder and suffix."""
    seen: Counter[tuple[Path, str]] = Counter()
    left = _MOST
    for file in found:
        kind = (file.parent, file.suffix.lower())
        if seen[kind] < _ALIKE and left:
            seen[kind], left = seen[kind] + 1, left - 1
            yield file


def _sentence(name: str, what: str, count: int) -> str:
    return f"{name} (the first of several such files) {what}" if count > 1 else f"{name} {what}"

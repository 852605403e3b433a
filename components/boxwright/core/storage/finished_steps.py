"""Records that a step has succeeded while its outputs are not published yet.

Publishing can fail after hours of training. The same command then publishes the existing outputs instead of running the step
again, unless the flags, the inputs or the code have changed.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from boxwright.core.runtime import digests, environments
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Kept, Output, flags
from boxwright.core.runtime.step_io import Result
from boxwright.core.storage import lookup, uri, web

_FILE = "finished.json"


def request(config: Any) -> str:
    """Digest of everything that affects the outputs: the flags, the content at the paths and URIs in them, and the code.

    Local files are compared by name, size and times of change (mtime and ctime). Empty if some content cannot be determined; then
    nothing is reused.
    """
    step = type(config).__module__.split(".")[1:2]
    code = [environments.source_digest(environments.STEPS[name]) for name in step if name in environments.STEPS]
    facts: dict[str, list[Any]] = {"code": code}
    for flag in flags(type(config)):
        value = getattr(config, flag.name)
        facts[flag.name] = [str(value)]
        if isinstance(value, str | Path) and not (flag.mark(Output) or flag.mark(Kept)):
            facts[flag.name] += map(_content, uri.data_sets(uri.from_path(value) or str(value)))
    unknown = any(None in found for found in facts.values())
    return "" if unknown else digests.of_json(facts)


def _content(place: str) -> str | dict[str, list[int]] | None:
    """Identifies the content at a path or URI: empty if the text is neither, None if the content cannot be determined."""
    try:
        if uri.in_bucket(place):
            return lookup.find(place).version
        if not uri.is_local(place):
            return web.version(uri.whole(place)) or None
    except UserError:
        return None
    if not os.path.exists(place):
        return ""
    top = Path(place)
    files = sorted(file for file in top.rglob("*") if file.is_file()) if top.is_dir() else [top]
    return {str(file): [file.stat().st_size, file.stat().st_mtime_ns, file.stat().st_ctime_ns] for file in files}


def remember(request: str, result: Result, outputs: Iterable[Path]) -> None:
    """Writes the result beside each output. request: from `request`; if it is empty, nothing is written."""
    text = json.dumps({"request": request, "result": asdict(result)})
    for path in outputs if request else ():
        (path.parent / _FILE).write_text(text, encoding="utf-8")


def recall(request: str, outputs: Sequence[Path]) -> Result | None:
    """The result of the step that wrote all these outputs, if its request was the same. None otherwise."""
    try:
        found = [json.loads((path.parent / _FILE).read_text(encoding="utf-8")) for path in outputs if path.exists()]
        if not request or [one["request"] for one in found] != [request] * len(outputs):
            return None
        return Result(**found[0]["result"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None

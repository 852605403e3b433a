"""Label maps: class ids from 1 (0 is the background), in the OD API's text format."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from boxwright.core.errors import UserError

# A string of the text format; a brace or `#` in it means nothing.
_QUOTED = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"


def write(classes: Sequence[str], path: Path) -> None:
    """Writes `label_map.pbtxt`; class i of the sequence gets id i + 1. A JSON string is a valid text-format string."""
    path.parent.mkdir(parents=True, exist_ok=True)
    items = (
        f"item {{\n  id: {i}\n  name: {json.dumps(name, ensure_ascii=False)}\n}}\n" for i, name in enumerate(classes, 1)
    )
    path.write_text("".join(items), encoding="utf-8")


def read(path: Path) -> list[str]:
    """Class names in the order of their ids 1..n; raises UserError when the ids are not 1..n."""
    text = re.sub(rf"({_QUOTED})|#[^\n]*", lambda match: match[1] or "", path.read_text(encoding="utf-8"))
    names = {}
    for item in re.findall(rf"item\s*\{{((?:{_QUOTED}|[^{{}}\"'])*)\}}", text):
        number = re.search(r"\bid\s*:\s*(\d+)", re.sub(_QUOTED, "", item))
        name = re.search(rf"\b(?:display_name|name)\s*:\s*({_QUOTED})", item)
        if not (number and name):
            raise UserError(f"{path}: an item has no id or no name: {item.strip()!r}")
        quoted = name[1]
        names[int(number[1])] = json.loads(quoted) if quoted[0] == '"' else quoted[1:-1]
    if sorted(names) != list(range(1, len(names) + 1)):
        raise UserError(
            f"{path}: ids are {sorted(names)}, expected 1..{len(names)} without holes (0 is the background)"
        )
    return [names[i] for i in sorted(names)]

"""Why a text is no pipeline.config: the line, and what to type. It works on tokens and the fields that the OD API has."""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from boxwright.core.runtime.errors import few
from boxwright.core.runtime.printable import visible_line
from boxwright.diagnose.given.fields import repeated

_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<comment>\#[^\n]*)|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<word>[A-Za-z0-9_.+\-/]+)|(?P<mark>[][{}<>:;,])|(?P<other>.)""",
    re.ASCII | re.DOTALL,
)
# Characters that look like those of the format: what to type instead.
_TYPE = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032", "'"),
    **dict.fromkeys("\u2013\u2014\u2212\u2010\u2011", "-"),
    **dict.fromkeys("\u00a0\u2007\u202f\u3000", "a space"),
    **dict.fromkeys("\u200b\ufeff", "nothing"),
    **{"\uff1a": ":", "\uff0c": ",", "\uff5b": "{", "\uff5d": "}"},
}
_MOST = 5
_FEW_FIELDS = 12


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    line: int


@dataclass
class _Open:
    """A message that is open. descriptor: None inside of an unknown field. closed: its message that was closed last. seen: the
    line of each of its fields, by the name of the field or of the oneof that it is of."""

    name: str
    descriptor: Any
    line: int
    closed: Any = None
    seen: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass
class _Walk:
    stack: list[_Open]
    problems: list[str] = field(default_factory=list)


def problems(text: str, message: Any) -> list[str]:
    """What is wrong, in the order of the lines; empty if this finds nothing. message: the class of the message."""
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml")):
        return ["line 1: it is a web page, not the file that the page shows; download the raw file"]
    if start.startswith("{"):
        return ["line 1: it is JSON or a printed dictionary; expected text such as `model { ssd { num_classes: 2 } }`"]
    tokens = list(_tokens(text))
    if strange := [_strange(token) for token in tokens if token.kind == "other"]:
        return strange[:_MOST]
    return _structure(tokens, message.DESCRIPTOR)[:_MOST]


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for found in _TOKEN.finditer(text):
        kind, word = found.lastgroup or "other", found[0]
        if (kind == "space" and word.strip(" \t\r\n\f\v")) or (kind == "space" and not word.isascii()):
            kind = "other"
        if kind not in ("space", "comment"):
            yield _Token(kind, word, line)
        line += word.count("\n")


def _strange(token: _Token) -> str:
    letter = token.text.strip(" \t\r\n")[:1] or token.text[:1]
    if letter in "\"'":
        return (
            f"line {token.line}: a text begins with {letter} and does not end on this line; type the closing {letter}"
        )
    typed = _TYPE.get(letter)
    name = unicodedata.name(letter, "a control character").lower()
    what = f"{letter} ({name})" if letter.isprintable() and letter.strip() else name
    return f"line {token.line}: {what} is not part of the format; type {typed or 'it only in a comment'}" + (
        " instead" if typed else ""
    )


def _structure(tokens: list[_Token], root: Any) -> list[str]:
    walk = _Walk([_Open("the file", root, 1)])
    for at, token in enumerate(tokens):
        following = tokens[at + 1] if at + 1 < len(tokens) else None
        if token.kind == "mark" and token.text in "}>":
            _close(walk, token)
        elif token.kind == "word" and _is_name(tokens, at):
            _enter(walk, token, tokens[at + 1 : at + 3])
        elif token.kind == "mark" and token.text in "{<" and not _opened(tokens, at):
            walk.stack.append(
                _Open("{", walk.stack[-1].descriptor if at and tokens[at - 1].text in "[," else None, token.line)
            )
        if len(walk.problems) >= _MOST or (following is None and walk.problems):
            return walk.problems
    if open_ := walk.stack[1:]:
        last, missing = open_[-1], "}" * len(open_)
        walk.problems.append(
            f"line {tokens[-1].line}: the file ends, and `{last.name} "
            f"{{` of line {last.line} is not closed; type {missing} at its end"
        )
    return walk.problems


def _is_name(tokens: list[_Token], at: int) -> bool:
    """Whether a word is a field's name: a colon or a bracket follows, or a value without the colon."""
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    before = tokens[at - 1].text if at else ""
    if not tokens[at].text[0].isalpha() or before == ":" or (before in ("[", ",") and after in ("]", ",")):
        return False
    return (
        after in (":", "{", "<") or before in ("", "{", "<", "}", ">", ";") or tokens[at - 1].kind in ("word", "text")
    )


def _opened(tokens: list[_Token], at: int) -> bool:
    """Whether a bracket opens the message of a field that was entered with its name."""
    before = [token.text for token in tokens[max(at - 2, 0) : at]]
    name = before[0] if before and before[-1] == ":" else before[-1] if before else ""
    return bool(name) and name[0].isalpha()


def _enter(walk: _Walk, token: _Token, after: list[_Token]) -> None:
    """A field begins: opens its message, and notes what is wrong with its name."""
    now, texts = walk.stack[-1], [one.text for one in after]
    opens = texts[:1] in (["{"], ["<"]) or texts in ([":", "{"], [":", "<"])
    known = now.descriptor.fields_by_name.get(token.text) if now.descriptor is not None else None
    if now.descriptor is not None and known is None:
        known = _elsewhere(walk, token)
    elif known is not None and (twice := _twice(now, known, token)):
        walk.problems.append(twice)
    if known is not None and not opens and texts[:1] != [":"] and known.message_type is None:
        walk.problems.append(
            f"line {token.line}: type a colon after {token.text}: `{token.text}: {visible_line(' '.join(texts[:1]))}`"
        )
    if opens:
        walk.stack.append(_Open(token.text, known.message_type if known is not None else None, token.line))


def _twice(now: _Open, known: Any, token: _Token) -> str:
    """What is wrong if a message has a field, or another field of the same oneof, already; else empty. known: a descriptor."""
    if repeated(known):
        return ""
    group = known.containing_oneof
    before, line = now.seen.setdefault(group.full_name if group else token.text, (token.text, token.line))
    if (before, line) == (token.text, token.line):
        return ""
    if now.descriptor.name == "PreprocessingStep":
        then = f"each option needs its own block: type }} {now.name} {{ before {token.text}"
    else:
        then = "delete one of them"
    return f"line {token.line}: {now.name} has {before} already, in line {line}; {then}"


def _elsewhere(walk: _Walk, token: _Token) -> Any:
    """The field of another message, if a bracket that is missing or too many explains it; else None. Notes the problem."""
    now = walk.stack[-1]
    for up in range(1, len(walk.stack)):
        outer = walk.stack[-1 - up]
        if outer.descriptor is not None and token.text in outer.descriptor.fields_by_name:
            walk.problems.append(
                f"line {token.line}: `{now.name} "
                f"{{` of line {now.line} is not closed; type {'}' * up} before {token.text}, which "
                f"is a field of {outer.name}"
            )
            del walk.stack[-up:]
            return outer.descriptor.fields_by_name[token.text]
    if now.closed is not None and token.text in now.closed.descriptor.fields_by_name:
        walk.problems.append(
            f"line {token.line}: {token.text} is a field of {now.closed.name}, which was closed before; delete the "
            f"}} that closes "
            "it too early"
        )
        walk.stack.append(now.closed)
        return now.closed.descriptor.fields_by_name[token.text]
    home = _home(token.text, walk.stack[0].descriptor)
    problem = f"{now.name} has no field {token.text}; move it to {home}" if home else _unknown(token.text, now)
    walk.problems.append(f"line {token.line}: {problem}")
    return None


def _home(name: str, root: Any) -> str:
    """The message at the top of the file that has the field; empty if none has."""
    parts = (one for one in root.fields if one.message_type is not None)
    return next((one.name for one in parts if name in one.message_type.fields_by_name), "")


def _unknown(name: str, now: _Open) -> str:
    fields = list(now.descriptor.fields_by_name)
    inside = [one.name for one in now.descriptor.fields if one.message_type and name in one.message_type.fields_by_name]
    if inside:
        return f"{now.name} has no field {visible_line(name)[:80]}, but its {inside[0]} has; type {inside[0]} {{ ... }} around it"
    near = difflib.get_close_matches(name, fields, 1, 0.75)
    if near:
        then = f"type {near[0]}"
    elif fields and len(fields) <= _FEW_FIELDS:
        then = f"type one of {few(fields)}, or delete it"
    else:
        then = "delete it"
    return f"{now.name} has no field {visible_line(name)[:80]}; {then}"


def _close(walk: _Walk, token: _Token) -> None:
    if len(walk.stack) == 1:
        walk.problems.append(f"line {token.line}: this {token.text} closes nothing; delete it")
        return
    closed = walk.stack.pop()
    walk.stack[-1].closed = closed if closed.descriptor is not None else None

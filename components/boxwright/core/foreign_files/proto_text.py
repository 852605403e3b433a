"""Reads protobuf text (label maps, pipeline.config, TFDV's schemas and statistics) that strangers wrote."""

import re
from pathlib import Path
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import Message

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import brief

_Message = TypeVar("_Message", bound=Message)
# For each value of an unknown field, protobuf's parser copies the line a few times: a line of 1 MB took minutes.
_LONG_LINE = 4096
# A text in quotes, a comment, a mark after which a line may end, or spaces.
_TOKENS = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[][{}<>;,])|(\#[^\n]*)|[ \t]+""")


class InvalidProtoText(ValueError):
    """A text that is not one of the messages. Its message is the end of a sentence, with the line where there is one."""


def read(file: Path) -> str:
    """The text of a file, without the byte order mark that some editors write.

    Raises OSError, InvalidProtoText if it is not UTF-8, and TooLarge.
    """
    with file.open("rb") as opened:
        content = limits.read_at_most(opened, limits.PROTO_TEXT_BYTES, file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidProtoText("it is not UTF-8 text; save it as UTF-8") from None


def parse(text: str, message: _Message, *, allow_unknown: bool = False) -> _Message:
    """The message, with the fields of the text. allow_unknown: fields that the message lacks are ignored.

    Raises InvalidProtoText for anything else.
    """
    lines = [_wrapped(line) if len(line) > _LONG_LINE else line for line in text.split("\n")]
    content = "\n".join(lines)
    try:
        return text_format.Parse(content, message, allow_unknown_field=allow_unknown)
    except RecursionError:
        raise InvalidProtoText("its messages are nested too deeply") from None
    except text_format.ParseError as error:
        raise InvalidProtoText(_why(error, numbered=content == text)) from None


def _wrapped(line: str) -> str:
    """A long line as several: a line may end after each mark, text and comment, and at each space."""
    return _TOKENS.sub(lambda found: f"{found[1]}\n" if found[1] else found[2] or "\n", line)


def _why(error: text_format.ParseError, *, numbered: bool) -> str:
    """The message without the line, which the parser repeats. numbered: whether the parser's line is the file's."""
    what = str(error).partition(" : ")[2] or str(error)
    what = what.rpartition("': ")[2] if what.startswith("'") else what
    line = f"line {error.GetLine()}: " if numbered and error.GetLine() else ""
    return line + brief(what).rstrip(".")

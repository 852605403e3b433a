"""Text of strangers (names of classes and files, messages of libraries) for terminals and Markdown: it shows, and does nothing.

Standard library only: every environment prints.
"""

import re

# Characters that a terminal obeys, or that hide what is written: control characters (C0, DEL, C1) except newline and tab,
# separators of lines, marks that change the direction of writing, invisible characters, and halves of a surrogate pair.
# The joiners U+200C and U+200D stay: Persian and emoji need them.
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
)
_UNSAFE = re.compile(f"[{_HIDDEN}]")
_UNSAFE_IN_LINE = re.compile(rf"[{_HIDDEN}\t\n]")
# The colours of rich and tyro: the only escape sequence that changes nothing but the look of the text after it.
_COLOURS = re.compile(r"(\x1b\[[0-9;]*m)")

# Marks with a meaning inside a line of Markdown, and those that begin a heading, a list, a quote or a rule at its start.
_INLINE = re.compile(r"[\\`*_\[\]{}!|~$^]|(?<=\])\(")
_START = re.compile(r"^(\s*)([#+\-=])|^(\s*\d+)([.)])(?=\s|$)")
_ENTITY = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Where renderers find a link without being told. An invisible space breaks it: no escape does in every renderer.
_AUTOLINK = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)|(?=@)", re.IGNORECASE)
_INVISIBLE_SPACE = "\u200b"
# `boxwright step --option` in one of our sentences, and the mark that ends the sentence.
COMMAND = re.compile(r"`(boxwright [^`]*--[^`]*)`(?:[.;](?=\s|$)|$)")


def visible(text: str) -> str:
    """The text for a terminal: characters that a terminal would obey become codes such as `\\x1b` and `\\u202e`.

    Newlines and tabs stay. `\\r\\n` is one newline.
    """
    return _UNSAFE.sub(_code, text.replace("\r\n", "\n"))


def visible_line(text: str) -> str:
    """A name for one line of a terminal or of a file: as `visible`, and newlines and tabs become codes, too."""
    return _UNSAFE_IN_LINE.sub(_code, text)


def visible_with_colours(text: str) -> str:
    """As `visible`, but keeps colours. Only for the text of a library that colours its own words."""
    return "".join(part if number % 2 else visible(part) for number, part in enumerate(_COLOURS.split(text)))


def markdown(text: str) -> str:
    """The text as literal words of Markdown on one line, also in a table: no link, picture, heading, code or HTML is in it."""
    line = visible_line(re.sub(r"\s+", " ", text))
    escaped = _START.sub(r"\1\3\\\2\4", _INLINE.sub(r"\\\g<0>", _AUTOLINK.sub(_INVISIBLE_SPACE, line)))
    return re.sub("[&<>]", lambda found: _ENTITY[found[0]], escaped)


def markdown_sentence(text: str) -> str:
    """A sentence of ours as Markdown: words in backticks are code, everything else is literal, also a stranger's name in it."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(markdown_code(part) if number % 2 else markdown(part) for number, part in enumerate(parts))


def markdown_code(text: str) -> str:
    """The text as code, or as literal words if it has characters that a renderer could take for something else."""
    plain = visible_line(re.sub(r"\s+", " ", text))
    return f"`{plain}`" if plain.strip() and not re.search(r"[`|<>&\\]", plain) else markdown(f"`{text}`")


def _code(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")

# environment: authoring
"""Text of strangers for terminals and Markdown."""

import unicodedata

import pytest
from markdown_it import MarkdownIt

from boxwright.core.runtime import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;PWNED\x07\x1b[31mred", r"\x1b]0;PWNED\x07\x1b[31mred"),
        ("\x9b2J\x90\x85", r"\x9b2J\x90\x85"),
        ("good\rbad\x08\x7f\x00", r"good\rbad\x08\x7f\x00"),
        ("gpj.\u202eexe \u2066a\u2069 \u200f", r"gpj.\u202eexe \u2066a\u2069 \u200f"),
        ("a\u2028b\u2029c\u200bd\ufeff", r"a\u2028b\u2029c\u200bd\ufeff"),
        ("caf\udce9", r"caf\udce9"),
        ("one\r\ntwo\n\tthree", "one\ntwo\n\tthree"),
        ("Öl 猫 👩\u200d🔬 می\u200cشود é", "Öl 猫 👩\u200d🔬 می\u200cشود é"),
    ],
)
def test_characters_that_a_terminal_obeys_become_codes(text, shown):
    assert printable.visible(text) == shown
    assert printable.visible(shown) == shown


def test_every_control_character_becomes_a_code():
    controls = [chr(code) for code in range(0x3000) if unicodedata.category(chr(code)) in ("Cc", "Zl", "Zp")]
    assert {one for one in controls if printable.visible(one) == one} == {"\n", "\t"}
    assert all(printable.visible_line(one).isprintable() for one in controls)


def test_only_colours_stay_in_the_help_of_the_parser():
    assert printable.visible_with_colours("\x1b[1;31mred\x1b[0m\x1b[2J") == "\x1b[1;31mred\x1b[0m\\x1b[2J"


NAMES = (
    "![r](https://evil.example/t.png)[c](javascript:alert(1))<script>alert(1)</script>",
    "<img src=x onerror=alert(1)><!-- -->&lt;b&gt;",
    "`code` ``two`` a|b *b* _i_ __b__ ~~s~~ ^[note]",
    "[r]: https://evil.example/x",
    "# heading",
    "- item",
    "12. item",
    "> quote",
    "---",
    "=== x",
    "\\[x](y)\\",
    "one\n\n# two\r\n\n<b>",
    "| a | b |\n|---|---|",
    "    indented",
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["{}", "- {}", "- **high: {}.** x", "| a | b |\n|---|--:|\n| {} | 1 |", "# {}"])
@pytest.mark.parametrize("escape", [printable.markdown, printable.markdown_sentence])
def test_a_name_is_only_words_in_markdown(name, place, escape):
    ours = MarkdownIt("gfm-like", {"linkify": False}).parse(place.format("word"))
    shown = MarkdownIt("gfm-like", {"linkify": False}).parse(place.format(escape(name)))
    assert [token.type for token in shown] == [token.type for token in ours]
    parts = [child for token in shown for child in token.children or ()]
    assert {child.type for child in parts} <= {"text", "text_special", "strong_open", "strong_close", "code_inline"}


@pytest.mark.parametrize(
    "address", ["https://evil.example", "HTTP://a.b/c", "www.evil.example", "a@evil.example", "ftp://x"]
)
def test_no_renderer_finds_an_address(address):
    assert address not in printable.markdown(f"see {address} now")
    assert printable.markdown(address).replace("\u200b", "") == address


def test_words_in_backticks_are_code_in_a_sentence():
    assert (
        printable.markdown_sentence("Use `--missing quarantine`: 0.5 is a*b.")
        == "Use `--missing quarantine`: 0.5 is a\\*b."
    )
    assert printable.markdown_sentence("class a`b: run `boxwright x`") == "class a`b: run `boxwright x\\`"

# environment: authoring
"""Help and shell completion that need no environment: they come from `reference.json`."""

import subprocess
import sys
from pathlib import Path

import pytest

from boxwright.cli import COMMANDS
from boxwright.command_line import completion, parsers, reference
from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.errors import UserError

SCRIPT = Path(sys.prefix) / "bin" / "boxwright"


def test_the_reference_is_up_to_date():
    assert reference.FILE.read_text(encoding="utf-8") == reference.render(), "run `make docs`"


@pytest.mark.parametrize("command", dict.fromkeys([*COMMANDS, *STEPS]))
def test_help_has_every_flag_and_its_text(command):
    shown = " ".join(parsers.help_of(command).split())
    for flag in parsers.reference()[command]["flags"]:
        assert all(name in shown for name in flag["names"]) and " ".join(flag["help"].split()[:3]) in shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--data", "x", "--stock", "--steps=3", "--no-follow-links"], ""),
        (["--dta", "x"], "there is no flag --dta; did you mean --data?"),
        (["--data", "--odd-name", "--batch_size", "3"], ""),
        (["--stock", "--zzzzzz"], "there is no flag --zzzzzz."),
    ],
)
def test_a_flag_that_is_none_is_found_before_an_installation(words, expected):
    assert parsers.unknown("run", words) == expected


COMPLETED = """
eval "$({script} completion bash)"
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_shtab_boxwright
echo "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("boxwright diagn", "diagnose"),
        ("boxwright run --fo", "--format --follow-links"),
        ("boxwright run --format v", "via voc"),
        ("boxwright compile --gp", "--gpu"),
        ("boxwright export --tfl", "--tflite"),
    ],
)
def test_bash_completes_commands_flags_and_their_words(words, expected):
    program = COMPLETED.format(script=SCRIPT, words=words)
    ended = subprocess.run(["bash", "-c", program], capture_output=True, text=True, timeout=60)
    assert set(expected.split()) <= set(ended.stdout.split()) and not ended.stderr, ended.stderr


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_every_shell_gets_all_commands(shell):
    script = completion.script(shell)
    assert all(f"{name}" in script for name in (*COMMANDS, *STEPS)) and "--boxes-as" in script


@pytest.mark.parametrize("words", [[], ["tcsh"], ["bash", "zsh"]])
def test_another_shell_is_refused_in_a_sentence(words):
    with pytest.raises(UserError, match="expected one of bash, zsh, fish, got"):
        completion.main(words)

"""Prints a script that lets the shell complete commands, flags and the words that a flag may be.

bash: add `eval "$(boxwright completion bash)"` to ~/.bashrc.
zsh: `boxwright completion zsh > FOLDER/_boxwright`, where FOLDER is in `fpath`.
fish: `boxwright completion fish > ~/.config/fish/completions/boxwright.fish`.
"""

from argparse import Action, ArgumentParser, RawDescriptionHelpFormatter

import shtab

from boxwright.cli import summaries
from boxwright.command_line import parsers
from boxwright.core.runtime.errors import UserError

SHELLS = ("bash", "zsh", "fish")
_NUMBERS = ("INT", "FLOAT")


def main(argv: list[str]) -> None:
    """Prints the script for a shell. Raises UserError for another shell."""
    if {"-h", "--help"} & set(argv):
        print(parser().format_help())
    elif len(argv) != 1 or argv[0] not in SHELLS:
        expected = f"expected one of {', '.join(SHELLS)}, got {' '.join(argv) or 'nothing'}"
        raise UserError(f"{expected}; `boxwright completion --help` says how to use it")
    else:
        print(script(argv[0]))


def parser() -> ArgumentParser:
    made = ArgumentParser("boxwright completion", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    made.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    return made


def script(shell: str) -> str:
    return shtab.complete(parsers.whole(summaries(), _complete_files), shell)


def _complete_files(action: Action) -> None:
    """Lets the shell complete files for each value that may be a path."""
    if action.nargs != 0 and not action.choices and action.metavar not in _NUMBERS:
        action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue]  (shtab's way)

"""Prints a script that lets the shell complete commands, flags and the words that a flag may be.

bash: add `eval "$(boxwright completion bash)"` to ~/.bashrc.
zsh: `boxwright completion zsh > FOLDER/_boxwright`, where FOLDER is in `fpath`.
fish: `boxwright completion fish > ~/.config/fish/completions/boxwright.fish`.
"""

from argparse import Action
from collections.abc import Mapping

from boxwright.command_line import parsers
from boxwright.core.runtime.errors import UserError

SHELLS = ("bash", "zsh", "fish")
_NUMBERS = ("INT", "FLOAT")


def script(shell: str, summaries: Mapping[str, str]) -> str:
    """The script for a shell. summaries: what each command does, by name. Raises UserError for another shell."""
    import shtab

    if shell not in SHELLS:
        raise UserError(f"expected one of {', '.join(SHELLS)}, got {shell!r}")

    def completes_files(action: Action) -> None:
        """For each value that may be a path."""
        if action.nargs != 0 and not action.choices and action.metavar not in _NUMBERS:
            action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue]  (shtab's way)

    return shtab.complete(parsers.whole(summaries, completes_files), shell)

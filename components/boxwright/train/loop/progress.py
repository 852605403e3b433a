"""The terminal output of training: a progress bar with loss and AP, and a line for each validation."""

from collections.abc import Sequence

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from boxwright.core.artifacts.training import Evaluated
from boxwright.core.runtime import console as terminal
from boxwright.core.runtime import printable

_LINE_EVERY = 50


class Progress:
    """On a terminal a live progress bar; in a log a line for the first and every 50th step. notices: printed first."""

    def __init__(self, steps: int, notices: Sequence[str]) -> None:
        self.console = terminal.console()
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
        self.bars = Bars(*columns, console=self.console, redirect_stdout=False, redirect_stderr=False)
        self.task = self.bars.add_task("tracing the graph", total=steps)
        self.steps = steps
        for notice in notices:
            self.console.print(Text(printable.visible(notice), "bold red"))

    def __enter__(self) -> "Progress":
        if self.console.is_terminal:
            self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def step(self, at: int, losses: Sequence[float], evaluations: Sequence[Evaluated]) -> None:
        """Shows the sum of the losses and the best AP so far, in percent."""
        best = max((one.AP for one in evaluations), default=None)
        text = f"loss {sum(losses):.3f}" + ("" if best is None else f", best AP {100 * best:.1f}")
        self.bars.update(self.task, completed=at, description=text)
        if not self.console.is_terminal and (at == 1 or at % _LINE_EVERY == 0):
            print(f"step {at}/{self.steps}: {text}", flush=True)

    def evaluation(self, one: Evaluated, *, best: bool) -> None:
        """Prints AP and AP50 of a validation, in percent."""
        mark = " (best so far)" if best and one.AP > 0 else ""
        text = f"step {one.step}: validation AP {100 * one.AP:.1f}, AP50 {100 * one.AP50:.1f}{mark}"
        self.console.print(text)

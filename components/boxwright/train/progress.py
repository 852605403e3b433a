"""What a person sees during training: a progress bar with loss and AP, and a line for each validation."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

_LINE_EVERY = 50


class Progress:
    """A live bar on a terminal; a line every 50 steps in a log."""

    def __init__(self, steps: int, notices: Sequence[str]) -> None:
        self.console = Console()
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
        self.bars = Bars(*columns, console=self.console)
        self.task = self.bars.add_task("tracing the graph", total=steps)
        self.steps = steps
        for notice in notices:
            self.console.print(Text(notice, "bold red"))

    def __enter__(self) -> "Progress":
        if self.console.is_terminal:
            self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def step(self, at: int, losses: Sequence[float], evaluations: Sequence[Mapping[str, Any]]) -> None:
        best = max((e["AP"] for e in evaluations), default=None)
        text = f"loss {sum(losses):.3f}" + ("" if best is None else f", best AP {100 * best:.1f}")
        self.bars.update(self.task, completed=at, description=text)
        if not self.console.is_terminal and (at == 1 or at % _LINE_EVERY == 0):
            print(f"step {at}/{self.steps}: {text}", flush=True)

    def evaluation(self, entry: Mapping[str, Any], *, best: bool) -> None:
        mark = " (best so far)" if best and entry["AP"] > 0 else ""
        text = f"step {entry['step']}: validation AP {100 * entry['AP']:.1f}, AP50 {100 * entry['AP50']:.1f}{mark}"
        self.console.print(text, highlight=False)

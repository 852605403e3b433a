"""What a person sees at the end of `boxwright run`: the numbers, what held the detector back, where the report is."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

TOP_FINDINGS = 3


def show(summary: dict, out: Path, seconds: float, console: Console) -> None:
    console.print()
    if summary["evaluation"]:
        console.print(numbers(summary))
    for finding in summary["findings"][:TOP_FINDINGS]:
        console.print(f"[bold]{finding['severity']:>6}[/bold]  {finding['claim']}", highlight=False)
    for notice in summary["notices"]:
        console.print(f"[yellow]notice[/yellow]  {notice}", highlight=False)
    console.print(f"\nverdict [bold]{summary['verdict']}[/bold] after {seconds:.0f} s", highlight=False)
    console.print(f"report  {out / 'report.html'}", highlight=False, soft_wrap=True)


def numbers(summary: dict) -> Table:
    """AP and AP50 of the trained model and its int8 file, over all classes and per class, beside the anchors' reach."""
    table = Table(title="on the test split, in percent", title_justify="left")
    for column in ("", "AP float", "AP int8", "AP50 float", "AP50 int8", "out of reach, stock", "out of reach, used"):
        table.add_column(column, justify="right" if column else "left")
    for row in rows(summary):
        table.add_row(*row)
    return table


def rows(summary: dict) -> Iterator[tuple[str, ...]]:
    trained, int8 = summary["evaluation"]["float"], summary["evaluation"]["int8"]
    both = {"all classes": (trained, int8)} | {
        name: (numbers, int8["per_class"][name]) for name, numbers in trained["per_class"].items()
    }
    for name, pair in both.items():
        values = [one[metric] for metric in ("AP", "AP50") for one in pair]
        values += [summary["unreachable"][which].get(name) for which in ("stock", "used")]
        yield (name, *map(percent, values))


def percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"

"""The final output of `boxwright run` on the terminal: metrics, findings, and the path of the report."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from boxwright.core.artifacts.summary import Evaluated, Summary
from boxwright.core.artifacts.training import ClassScore
from boxwright.core.runtime import printable

TOP_FINDINGS = 3


def print_summary(summary: Summary, out: Path, seconds: float, console: Console) -> None:
    console.print()
    if summary.evaluation:
        console.print(metrics_table(summary))
    for finding in summary.findings[:TOP_FINDINGS]:
        console.print(f"[bold]{finding.severity}[/bold]: {escape(finding.claim)}")
    shown_by_validate = {reason.claim for reason in summary.reasons}
    for notice in summary.notices:
        if notice not in shown_by_validate:
            console.print(f"[yellow]notice[/yellow]: {escape(notice)}")
    console.print(f"\nverdict: [bold]{summary.verdict}[/bold], after {seconds:.0f} s")
    console.print(f"report: {out / 'report.html'}", markup=False, soft_wrap=True)


def metrics_table(summary: Summary) -> Table:
    """AP and AP50 of the trained model and of its int8 file, for all classes and per class, and the share of objects without an
    anchor in reach."""
    trained = summary.evaluation["float"]
    title = f"{trained.split} split, {trained.images} images, in percent"
    table = Table(
        title=Text(title), title_justify="left", caption="starved: objects without an anchor of IoU 0.5 or more"
    )
    table.add_column("")
    for column in ("AP50", "int8", "AP", "int8", "starved, stock", "starved, used"):
        table.add_column(column, justify="right")
    for name, *shares in rows(summary):
        table.add_row(Text(printable.visible(name)), *shares)
    return table


def rows(summary: Summary) -> Iterator[tuple[str, ...]]:
    """A row for all classes, then one per class, in percent: name, AP50 float and int8, AP float and int8, share of objects
    without a stock anchor and without a used anchor in reach."""
    trained, int8 = summary.evaluation["float"], summary.evaluation["int8"]
    yield ("all classes", *_metrics(trained, int8), "-", "-")
    for name, score in trained.per_class.items():
        shares = [summary.unreachable.get(which, {}).get(name) for which in ("stock", "used")]
        yield (name, *_metrics(score, int8.per_class[name]), *map(percent, shares))


def _metrics(*pair: Evaluated | ClassScore) -> list[str]:
    return [percent(share) for share in (*(one.AP50 for one in pair), *(one.AP for one in pair))]


def percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"

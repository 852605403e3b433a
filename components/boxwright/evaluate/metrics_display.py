"""Displays the numbers of an evaluation: a table in the terminal and an HTML page."""

from rich.table import Table

from boxwright.core import coco_eval
from boxwright.core.artifacts.metrics import Metrics
from boxwright.core.html import page_base
from boxwright.core.runtime import console


def percent(value: float | None) -> str:
    """A number in 0..1 as percent with one decimal; a dash for None (no objects)."""
    return "-" if value is None else f"{100 * value:.1f}"


def interval(metrics: Metrics, name: str) -> str:
    """The 95 % interval of `AP50`, `AP50 CLASS` and so on, in percent; a dash if there is none."""
    bounds = metrics.interval.bounds(name) if metrics.interval else None
    return "-" if bounds is None else f"{percent(bounds[0])} to {percent(bounds[1])}"


def rows(metrics: Metrics) -> list[dict[str, str | int]]:
    """The rows of the table, one per class."""
    return [
        {
            "name": name,
            "objects": values.objects,
            "AP": percent(values.AP),
            "AP50": percent(values.AP50),
            "interval": interval(metrics, f"AP50 {name}"),
        }
        for name, values in metrics.per_class.items()
    ]


def basis(metrics: Metrics) -> str:
    """How the intervals were computed, or why there are none."""
    if metrics.interval is None:
        return "No intervals: there are too few images to resample, or too many detections."
    return f"Intervals: {metrics.interval.resamples} bootstrap resamples of the images, seed {metrics.interval.seed}."


def print_table(metrics: Metrics) -> None:
    """Prints the numbers per class and for all classes."""
    table = Table(title=title(metrics), caption=basis(metrics), title_justify="left", caption_justify="left")
    table.add_column("class")
    for heading in ("objects", "AP", "AP50", "95 % interval"):
        table.add_column(heading, justify="right")
    for row in rows(metrics):
        table.add_row(*map(str, row.values()))
    table.add_section()
    whole = percent(metrics.AP), percent(metrics.AP50), interval(metrics, "AP50")
    table.add_row("all", str(metrics.objects), *whole)
    console.console().print(table)


def title(metrics: Metrics) -> str:
    """The detector, the number of images and the split, e.g. `int8 on 30 test images`."""
    return f"{metrics.variant} on {metrics.images} {metrics.split} images"


def page(metrics: Metrics, plot: str) -> str:
    """The HTML page. plot: inline SVG."""
    return page_base.render(
        "evaluation.html.j2",
        "boxwright.evaluate",
        title=title(metrics),
        images=metrics.images,
        split=metrics.split,
        objects=metrics.objects,
        notices=metrics.notices,
        numbers=[(name, percent(getattr(metrics, name))) for name in coco_eval.NUMBERS],
        classes=rows(metrics),
        basis=basis(metrics),
        plot=plot,
    )

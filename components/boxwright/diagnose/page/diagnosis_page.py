"""The page: what is wrong and what to do, the first causes with their pictures, the plan, and everything else folded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from boxwright.core import recipe_diff
from boxwright.core.findings import Evidence, Finding
from boxwright.core.html import class_rows, page_base
from boxwright.core.records import tfrecords
from boxwright.diagnose import findings, verdict
from boxwright.diagnose.data import Data
from boxwright.diagnose.diagnosis import Diagnosed
from boxwright.diagnose.findings import examples, shared_figures
from boxwright.diagnose.findings.anchors import anchors_unreachable
from boxwright.diagnose.findings.kind import Figure, Shown
from boxwright.diagnose.findings.split import lighting_shift
from boxwright.diagnose.given import fields
from boxwright.diagnose.page import door, drawing, galleries, plan_lines
from boxwright.diagnose.page.door import Door
from boxwright.diagnose.page.galleries import Gallery
from boxwright.diagnose.verdict import FIRST

# Causes after the first that get pictures, too: they are folded, but they are found.
_PICTURED = FIRST + 5
# Items of a finding that the page lists.
_LISTED = 8
# The figures of what validate found.
_OF_VALIDATION = {"class_missing": shared_figures.counts}
Draw = Callable[[Shown], Figure]
# Every page has these figures. A figure is beside the cause that it shows if that is one of the first, else below.
DATA_FIGURES: tuple[Draw, ...] = (
    anchors_unreachable.figure,
    shared_figures.sizes,
    shared_figures.counts,
    lighting_shift.figure,
)


@dataclass(frozen=True)
class FromRecords:
    """What the page shows beside the tables. galleries: examples of the user's images, by the findings' keys. door: what convert
    stored and lost; None if its manifest was not read."""

    galleries: Mapping[str, Gallery]
    door: Door | None = None


def made(records: Path, data: Data, diagnosed: Diagnosed) -> str:
    """The page as HTML, with examples of the user's images. records: the folder that convert wrote.

    Raises UserError for damaged records.
    """
    told = verdict.causes(diagnosed.diagnosis.findings)[:_PICTURED]
    shown = galleries.read(records, shown_of(data, diagnosed), [one.finding for one in told])
    return render(data, diagnosed, FromRecords(shown, door.of(tfrecords.manifest(records))))


def shown_of(data: Data, diagnosed: Diagnosed) -> Shown:
    layout = diagnosed.training.layout if diagnosed.training else None
    return Shown(
        data=data, diagnosis=diagnosed.diagnosis, baseline=diagnosed.baseline, used=diagnosed.recipe, anchors=layout
    )


def render(data: Data, diagnosed: Diagnosed, seen: FromRecords) -> str:
    """The page as HTML."""
    found, used = diagnosed.diagnosis, diagnosed.recipe
    shown, told = shown_of(data, diagnosed), verdict.causes(found.findings)
    learned = not data.objects_in("train").empty  # the figures are about training objects
    figures = {draw: draw(shown) for draw in to_draw(found.findings)} if learned else {}
    places = placed([one.finding for one in told[:FIRST]]) if learned else {}
    return page_base.render(
        "diagnosis.html.j2",
        "boxwright.diagnose.page",
        found=found,
        recipe=used,
        verdict=verdict.judge(found, used),
        top=told[:FIRST],
        others=told[FIRST:],
        counted=verdict.counted([one.finding for one in told[FIRST:]]),
        shown={key: figures[draw] for key, draw in places.items()},
        figures=[figure for draw, figure in figures.items() if draw not in places.values()],
        **_of_recipe(data, diagnosed),
        solved=[one.finding.key for one in told if verdict.solved(one, used)],
        partly=[one.finding.key for one in told if verdict.partly(one, used)],
        images={split: len(data.images_in(split)) for split in tfrecords.SPLITS},
        objects=len(data.objects),
        galleries=seen.galleries,
        door=seen.door,
        colours=drawing.COLOURS,
        few=galleries.FEW,
        most_listed=_LISTED,
        table=class_rows.table,
        listed=listed,
        with_interval=with_interval,
    )


def _of_recipe(data: Data, diagnosed: Diagnosed) -> dict[str, object]:
    """What the page says of the plan."""
    found, used, baseline = diagnosed.diagnosis, diagnosed.recipe, diagnosed.baseline
    images = len(data.images_in("train"))
    return {
        "plan": (*plan_lines.lines(baseline, used, found.unreachable, images), plan_lines.flipping(found.flips)),
        "differences": recipe_diff.between(baseline, used),
        "whose": shared_figures.whose(baseline),
        "titles": {finding.key: finding.title for finding in found.findings},
        "unpredicted": diagnosed.unpredicted,
        "unseen": diagnosed.unseen,
        "not_judged": fields.grouped(diagnosed.training.not_judged) if diagnosed.training else [],
        "notices": diagnosed.training.notices if diagnosed.training else (),
    }


def to_draw(found: Sequence[Finding]) -> list[Draw]:
    """The figures of the page, each once: those of the data, then those of the findings."""
    return list(dict.fromkeys([*DATA_FIGURES, *(draw for finding in found if (draw := figure_of(finding)))]))


def placed(found: Sequence[Finding]) -> dict[str, Draw]:
    """The figure beside each finding, by its key. A figure is beside the first finding that it shows, and nowhere else."""
    places: dict[str, Draw] = {}
    for finding in found:
        draw = figure_of(finding)
        if draw and draw not in places.values():
            places[finding.key] = draw
    return places


def figure_of(finding: Finding) -> Draw | None:
    """The figure that shows a finding, if there is one."""
    kind = findings.KIND_OF.get(finding.id)
    return kind.figure if kind else _OF_VALIDATION.get(finding.id)


def listed(item: str | tuple[str, ...]) -> str:
    """An item of a finding in words. Boxes are drawn, not listed."""
    return item if isinstance(item, str) else ", ".join(part for part in item if not examples.is_box(part))


def with_interval(evidence: Evidence) -> str:
    """A measured number with its n and its interval. A number with an interval is a share, and is shown in percent."""
    text = f"{evidence.value:,.0f}" if evidence.value >= 10_000 else f"{evidence.value:.4g}"
    if evidence.interval:
        low, high = (100 * bound for bound in evidence.interval)
        text = f"{100 * evidence.value:.1f} %, 95 % interval {low:.1f} to {high:.1f} %"
    text += f", n = {evidence.n:,}"
    return text + ("" if evidence.seed is None else f", seed {evidence.seed}")

"""The page: the findings, most important first, each with the figure that shows it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from boxwright.core import recipe_diff
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import Evidence, Finding
from boxwright.core.html import page_base
from boxwright.core.recipe import Recipe
from boxwright.diagnose import findings
from boxwright.diagnose.data import Data
from boxwright.diagnose.diagnosis import Diagnosed
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.anchors import anchors_unreachable
from boxwright.diagnose.findings.kind import Figure, Shown
from boxwright.diagnose.findings.split import lighting_shift
from boxwright.diagnose.page import drawing, pictures
from boxwright.diagnose.page.pictures import Gallery

TOP = 5
# Items of a finding that the page lists.
EXAMPLES = 8
# The figures of what validate found.
_OF_VALIDATION = {"class_missing": shared_figures.counts}
Draw = Callable[[Shown], Figure]
# Every page has these figures. A figure is beside the finding that it shows if that is one of the first, else below.
DATA_FIGURES: tuple[Draw, ...] = (
    anchors_unreachable.figure,
    shared_figures.sizes,
    shared_figures.counts,
    lighting_shift.figure,
)


def made(records: Path, data: Data, diagnosed: Diagnosed) -> str:
    """The page as HTML, with examples of the user's images beside the first findings. records: the folder that convert wrote.

    Raises UserError for damaged records.
    """
    first = diagnosed.diagnosis.findings[:TOP]
    return render(data, diagnosed, pictures.read(records, shown_of(data, diagnosed), first))


def shown_of(data: Data, diagnosed: Diagnosed) -> Shown:
    return Shown(data=data, diagnosis=diagnosed.diagnosis, baseline=diagnosed.baseline, used=diagnosed.recipe)


def render(data: Data, diagnosed: Diagnosed, galleries: Mapping[str, Gallery]) -> str:
    """The page as HTML. galleries: examples of the images that findings are about, by the findings' keys."""
    found, used = diagnosed.diagnosis, diagnosed.recipe
    shown = shown_of(data, diagnosed)
    figures = {draw: draw(shown) for draw in to_draw(found.findings)}
    places = placed(found.findings[:TOP])
    return page_base.render(
        "diagnosis.html.j2",
        "boxwright.diagnose.page",
        found=found,
        recipe=used,
        verdict=verdict(found, used),
        top=found.findings[:TOP],
        others=found.findings[TOP:],
        shown={key: figures[draw] for key, draw in places.items()},
        figures=[figure for draw, figure in figures.items() if draw not in places.values()],
        differences=recipe_diff.between(diagnosed.baseline, used),
        whose=shared_figures.whose(diagnosed.baseline),
        answered=_answered(used),
        images={split: len(data.images_in(split)) for split in ("train", "val", "test")},
        objects=len(data.objects),
        unpredicted=diagnosed.unpredicted,
        galleries=galleries,
        colours=drawing.COLOURS,
        few=pictures.FEW,
        examples=EXAMPLES,
        number=number,
    )


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


def verdict(found: Diagnosis, used: Recipe) -> dict[str, str]:
    """The head of the page. `word`: high, medium or good, which sets the colour. `title`: the result. `sentence`: what to do."""
    grave = [f for f in found.findings if f.severity == "high"]
    serious = grave or [f for f in found.findings if f.severity == "medium"]
    if not serious:
        return {
            "word": "good",
            "title": "Nothing serious was found in this data",
            "sentence": "You can start training. The findings below are minor.",
        }
    how = "will hold this detector back" if grave else "may hold this detector back"
    things = "One thing" if len(serious) == 1 else f"{len(serious)} things"
    named = "; ".join(f.title for f in serious[:TOP]) + ("; and more" if len(serious) > TOP else "")
    return {
        "word": "high" if grave else "medium",
        "title": f"{things} {how}: {named}",
        "sentence": _what_to_do(serious, used),
    }


def _what_to_do(serious: Sequence[Finding], used: Recipe) -> str:
    yours = [f for f in serious if f.key not in _answered(used)]
    if used.stock:
        return "You asked for the stock recipe, so nothing is changed."
    if not yours:
        return "The recipe beside this page corrects all of this: train with it."
    done = len(serious) - len(yours)
    what = f"The recipe corrects {done} of them." if done else "The recipe does not correct this."
    return f"{what} For you to do: {yours[0].remedy}"


def _answered(used: Recipe) -> set[str]:
    """Keys of the findings that the recipe corrects."""
    return {key for change in used.changes for key in change.findings}


def number(evidence: Evidence) -> str:
    """A measured number with its n and its interval. A number with an interval is a share, and is shown in percent."""
    text = f"{evidence.value:,.0f}" if evidence.value >= 10_000 else f"{evidence.value:.4g}"
    if evidence.interval:
        low, high = (100 * bound for bound in evidence.interval)
        text = f"{100 * evidence.value:.1f} %, 95 % interval {low:.1f} to {high:.1f} %"
    text += f", n = {evidence.n:,}"
    return text + ("" if evidence.seed is None else f", seed {evidence.seed}")

"""The page: what holds the detector back, in the order of what it costs, each finding with the picture that shows it."""

from boxwright.core import recipe_diff
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import Evidence, Finding
from boxwright.core.html import page_base
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import Data
from boxwright.diagnose.page import figures

TOP = 5
# By a finding's id: the picture that shows it.
_PICTURES = {
    "anchors_unreachable": "reach",
    "augmentation_random_crop": "crops",
    "learning_rate_batch": "rate",
    "lighting_shift": "light",
    "suspected_classes": "sizes",
    "tiny_objects": "sizes",
    "imbalance": "counts",
    "few_objects": "counts",
    "class_missing": "counts",
    "few_images": "counts",
    "val_too_small": "counts",
}


def render(data: Data, found: Diagnosis, used: Recipe, unpredicted: str, baseline: Recipe) -> str:
    """The HTML text; used: the recipe that training follows; unpredicted: why there is no prediction; baseline: the recipe that
    the findings are about."""
    drawn = figures.draw(data, found, baseline, used)
    shown = placed(found.findings[:TOP], drawn)
    return page_base.render(
        "diagnosis.html.j2",
        __package__,
        found=found,
        recipe=used,
        verdict=verdict(found, used),
        top=found.findings[:TOP],
        others=found.findings[TOP:],
        shown={finding: drawn[name] for finding, name in shown.items()},
        figures=[drawn[name] for name in drawn if name not in shown.values()],
        differences=recipe_diff.between(baseline, used),
        whose=figures.whose(baseline),
        answered={finding for change in used.changes for finding in change.findings},
        images={split: len(data.images_in(split)) for split in ("train", "val", "test")},
        objects=len(data.objects),
        unpredicted=unpredicted,
        number=number,
    )


def placed(findings: tuple[Finding, ...], drawn: dict[str, figures.Figure]) -> dict[str, str]:
    """Finding's key -> name of the figure beside it; each figure stands once, at the first finding that it shows."""
    places: dict[str, str] = {}
    for finding in findings:
        name = _PICTURES.get(finding.id)
        if name in drawn and name not in places.values():
            places[finding.key] = name
    return places


def verdict(found: Diagnosis, used: Recipe) -> dict[str, str]:
    """`word` (high, medium or good, the colour), `title` and `sentence`: the page in one line, and what to do in another."""
    grave = [f for f in found.findings if f.severity == "high"]
    serious = grave or [f for f in found.findings if f.severity == "medium"]
    if not serious:
        return {
            "word": "good",
            "title": "Nothing serious was found in these data",
            "sentence": "What is below is worth knowing; a training may start.",
        }
    answered = {finding for change in used.changes for finding in change.findings}
    yours = [f for f in serious if f.key not in answered]
    how = "will hold this detector back" if grave else "may hold this detector back"
    things = "One thing" if len(serious) == 1 else f"{len(serious)} things"
    named = ", ".join(in_words(f) for f in serious[:TOP]) + (", and more" if len(serious) > TOP else "")
    if used.stock:
        sentence = "The stock recipe was asked for, so that none of it is put right."
    elif not yours:
        sentence = "The recipe written beside this page answers all of it: train with it."
    else:
        done = len(serious) - len(yours)
        sentence = (f"The recipe answers {done} of them; " if done else "No recipe can put that right; ") + (
            f"left to you: {yours[0].remedy}"
        )
    return {"word": "high" if grave else "medium", "title": f"{things} {how}: {named}", "sentence": sentence}


def in_words(finding: Finding) -> str:
    """`anchors_unreachable` of `cat` as `anchors unreachable (cat)`."""
    return finding.id.replace("_", " ") + (f" ({finding.subject})" if finding.subject else "")


def number(evidence: Evidence) -> str:
    """A measured number with its n and interval; a share, which is what has an interval, in percent."""
    text = f"{evidence.value:,.0f}" if evidence.value >= 10_000 else f"{evidence.value:.4g}"
    if evidence.interval:
        low, high = (100 * bound for bound in evidence.interval)
        text = f"{100 * evidence.value:.1f} %, 95 % interval {low:.1f} to {high:.1f} %"
    text += f", n = {evidence.n:,}"
    return text + ("" if evidence.seed is None else f", seed {evidence.seed}")

"""The page of an examination: what is wrong with the use of the detector, how good it is, and what it misses and why."""

from boxwright.core import coco_eval
from boxwright.core.artifacts.examination import Examination, Tried
from boxwright.core.html import page_base


def render(whole: Examination) -> str:
    """The page as HTML."""
    return page_base.render(
        "examination.html.j2",
        "boxwright.examine",
        it=whole,
        title=title(whole),
        sentence=sentence(whole),
        names=coco_eval.NUMBERS,
        points=points,
        tried=sorted(whole.tried, key=lambda one: -one.gain),
        gain=gain,
    )


def title(whole: Examination) -> str:
    if whole.corrections:
        return ". ".join(one.title for one in whole.corrections)
    worst = next((one.title for one in whole.findings if one.id == "missed_objects"), "")
    return worst or "The detector is used in the right way"


def sentence(whole: Examination) -> str:
    if whole.corrections:
        return (
            f"Corrected, AP rises from {points(whole.before)} to {points(whole.after)} on {whole.trial_images} images. The "
            "numbers below are those of the corrected use."
        )
    return (
        f"{len(whole.tried)} other ways to feed it and to read its numbers were tried on {whole.trial_images} images, and none "
        f"is better. AP there is {points(whole.after)}."
    )


def points(value: float | None) -> str:
    """A number in 0..1 in percent; a hyphen for None."""
    return "-" if value is None else f"{100 * value:.1f}"


def gain(one: Tried) -> str:
    """`+5.0 (3.1 to 6.9)`."""
    bounds = f" ({points(one.interval[0])} to {points(one.interval[1])})" if one.interval else ""
    return f"{100 * one.gain:+.1f}{bounds}"

"""The page of an examination: what is wrong with the use of the detector, how good it is, and what it misses and why."""

from boxwright.core import coco_eval
from boxwright.core.artifacts.examination import Examination, Tried
from boxwright.core.html import page_base
from boxwright.examine.verdict import points, sentence, title


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


def gain(one: Tried) -> str:
    """`+5.0 (3.1 to 6.9)`."""
    bounds = f" ({points(one.interval[0])} to {points(one.interval[1])})" if one.interval else ""
    return f"{100 * one.gain:+.1f}{bounds}"

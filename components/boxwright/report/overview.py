"""A short version of the report in Markdown, which the KFP UI shows in the run."""

from collections.abc import Iterator

from boxwright.core.artifacts.summary import Summary
from boxwright.report.verdict import Verdict

TOP = 5


def markdown(summary: Summary, verdict: Verdict) -> str:
    lines = [f"# {verdict.title}", "", verdict.sentence, ""]
    if summary.evaluation:
        lines += [*table(summary), ""]
    if causes := [one for one in summary.findings if one.cause != "model_errors"]:
        lines += ["## What held the detector back", ""]
        lines += [f"- **{one.severity}: {one.title}.** {one.claim}" for one in causes[:TOP]] + [""]
    if verdict.next_steps:
        lines += ["## What to do next", "", *(f"- {step}" for step in verdict.next_steps), ""]
    if summary.notices:
        lines += ["## Notices", "", *(f"- {notice}" for notice in summary.notices), ""]
    # Escapes every `<`, because a class may be called `<b>`. The Markdown above has none.
    return "\n".join(lines).rstrip().replace("<", "&lt;") + "\n"


def table(summary: Summary) -> Iterator[str]:
    """AP50 and AP in percent, of the trained model and of its int8 file."""
    trained, int8 = summary.evaluation["float"], summary.evaluation["int8"]
    per_class = [(name, one, int8.per_class[name]) for name, one in trained.per_class.items()]
    yield f"| {trained.split}, {trained.images} images | AP50 | AP50 int8 | AP | AP int8 |"
    yield "|---|--:|--:|--:|--:|"
    for name, one, other in [("all classes", trained, int8), *per_class]:
        shares = (one.AP50, other.AP50, one.AP, other.AP)
        yield f"| {cell(name)} | {' | '.join(map(percent, shares))} |"


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"

"""A short version of the report in Markdown, which the KFP UI shows in the run."""

from collections.abc import Iterator

from boxwright.core.artifacts.summary import Summary
from boxwright.core.findings import Finding
from boxwright.core.runtime.printable import markdown as literal
from boxwright.core.runtime.printable import markdown_sentence
from boxwright.report.verdict import Verdict

TOP = 5


def markdown(summary: Summary, verdict: Verdict) -> str:
    lines = [f"# {markdown_sentence(verdict.title)}", "", markdown_sentence(verdict.sentence), ""]
    if summary.evaluation:
        lines += [*table(summary), ""]
    if causes := [one for one in summary.findings if one.cause != "model_errors"]:
        lines += ["## What held the detector back", ""]
        lines += [_finding(one) for one in causes[:TOP]] + [""]
    if verdict.next_steps:
        lines += ["## What to do next", "", *(f"- {markdown_sentence(step)}" for step in verdict.next_steps), ""]
    if summary.notices:
        lines += ["## Notices", "", *(f"- {markdown_sentence(notice)}" for notice in summary.notices), ""]
    return "\n".join(lines).rstrip() + "\n"


def _finding(one: Finding) -> str:
    return f"- **{one.severity}: {markdown_sentence(one.title)}.** {markdown_sentence(one.claim)}"


def table(summary: Summary) -> Iterator[str]:
    """AP50 and AP in percent, of the trained model and of its int8 file."""
    trained, int8 = summary.evaluation["float"], summary.evaluation["int8"]
    per_class = [(name, one, int8.per_class[name]) for name, one in trained.per_class.items()]
    yield f"| {literal(trained.split)}, {trained.images} images | AP50 | AP50 int8 | AP | AP int8 |"
    yield "|---|--:|--:|--:|--:|"
    for name, one, other in [("all classes", trained, int8), *per_class]:
        shares = (one.AP50, other.AP50, one.AP, other.AP)
        yield f"| {literal(name)} | {' | '.join(map(percent, shares))} |"


def percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"

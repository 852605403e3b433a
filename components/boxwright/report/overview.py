"""The report in short, as Markdown: what the KFP UI shows in the run itself."""

from typing import Any

from boxwright.report.verdict import Verdict

TOP = 5


def markdown(summary: dict[str, Any], verdict: Verdict) -> str:
    lines = [f"# {verdict.title}", "", verdict.sentence, ""]
    if summary["evaluation"]:
        lines += [*table(summary), ""]
    if summary["findings"]:
        lines += ["## What held it back", ""]
        lines += [f"- **{one['severity']}**: {one['claim']}" for one in summary["findings"][:TOP]] + [""]
    if verdict.next_steps:
        lines += ["## What to do next", "", *(f"- {step}" for step in verdict.next_steps), ""]
    if summary["notices"]:
        lines += ["## Notices", "", *(f"- {notice}" for notice in summary["notices"]), ""]
    # A class may be called `<b>`; none of the marks above has one.
    return "\n".join(lines).rstrip().replace("<", "&lt;") + "\n"


def table(summary: dict[str, Any]) -> list[str]:
    """AP50 and AP in points of 100, of the model as trained and of its int8 file."""
    trained, int8 = (summary["evaluation"][name] for name in ("float", "int8"))
    per_class = [(name, numbers, int8["per_class"][name]) for name, numbers in trained["per_class"].items()]
    head = f"| {trained['split']}, {trained['images']} images | AP50 | AP50 int8 | AP | AP int8 |"
    rows = [("all classes", trained, int8), *per_class]
    return [head, "|---|--:|--:|--:|--:|"] + [
        f"| {cell(name)} | " + " | ".join(percent(one[metric]) for metric in ("AP50", "AP") for one in pair) + " |"
        for name, *pair in rows
    ]


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"

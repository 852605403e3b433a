"""Writes one self-contained page (no network needed) and summary.json from what a run left behind.

A run that validation stopped has only records and anomalies; then the page says why. Of a trained one, all is given.
"""

from dataclasses import dataclass
from pathlib import Path

from boxwright.core.runtime.step_io import Result
from boxwright.core.runtime.step_paths import OptionalPath


@dataclass(frozen=True, kw_only=True)
class Config:
    records: Path
    """Folder that convert wrote."""
    anomalies: Path
    """Folder with validation.json that validate wrote."""
    findings: OptionalPath = ""
    """Findings that diagnose wrote."""
    recipe: OptionalPath = ""
    """Recipe that training followed."""
    model: OptionalPath = ""
    """Folder that train wrote."""
    evaluation_float: OptionalPath = ""
    """Folder that evaluate wrote for the trained model."""
    evaluation_int8: OptionalPath = ""
    """Folder that evaluate wrote for the int8 TFLite file."""
    tflite: OptionalPath = ""
    """Folder with the TFLite files and parity.json that export wrote."""
    edgetpu: OptionalPath = ""
    """Folder that edgetpu wrote."""
    report: Path = Path("report.html")
    """Output: the page."""
    overview: Path = Path("overview.md")
    """Output: the page in short, as Markdown."""
    summary: Path = Path("summary.json")
    """Output: the same for scripts."""


def run(config: Config) -> Result:
    import json

    from boxwright.core.runtime import text_files
    from boxwright.report import overview, page
    from boxwright.report.artifacts import gather
    from boxwright.report.summary import summarise
    from boxwright.report.verdict import judge

    found = gather(config)
    verdict = judge(found)
    summary = summarise(found, verdict)
    text_files.write(config.report, page.render(found, verdict, config.records))
    text_files.write(config.overview, overview.markdown(summary, verdict))
    text_files.write(config.summary, json.dumps(summary, indent=2) + "\n")
    return Result(
        artifacts={name: {"verdict": verdict.word} for name in ("report", "overview", "summary")},
        headline=f"verdict {verdict.word}: {config.report}",
    )

"""Runs the step: see config.py."""

from boxwright.core.artifacts import summary as summary_file
from boxwright.core.runtime import text_files
from boxwright.core.runtime.step_io import Result
from boxwright.report import artifacts, overview, page
from boxwright.report.config import Config
from boxwright.report.summary import summarise
from boxwright.report.verdict import judge


def run(config: Config) -> Result:
    """Raises UserError for an input that is missing, damaged or of another run, and if an output cannot be written."""
    found = artifacts.read(config)
    verdict = judge(found)
    summary = summarise(found, verdict)
    text_files.write(config.report, page.render(found, verdict, config.records))
    text_files.write(config.overview, overview.markdown(summary, verdict))
    summary_file.write(config.summary, summary)
    return Result(
        artifacts={name: {"verdict": verdict.word} for name in ("report", "overview", "summary")},
        headline=f"verdict {verdict.word}: {config.report}",
    )

"""Runs the step: see config.py."""

from boxwright.core.runtime.step_io import Result
from boxwright.report.config import Config


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

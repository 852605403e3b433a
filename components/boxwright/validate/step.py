"""Runs the step: see config.py."""

from collections.abc import Iterator
from dataclasses import replace

from boxwright.core.artifacts import validation as validation_file
from boxwright.core.findings import Finding
from boxwright.core.runtime import atomic_dirs, text_files
from boxwright.core.runtime.step_io import Result
from boxwright.validate import validation
from boxwright.validate.config import Config
from boxwright.validate.tfdv import anomalies
from boxwright.validate.validation import Validated


def run(config: Config) -> Result:
    """Data that is not ready is a result, not an exception.

    Raises UserError if there are no records, if the tables belong to other data, if a schema or an earlier run's statistics
    cannot be read, if an output cannot be written or has other files, and for a risk that is accepted without a reason.
    """
    with atomic_dirs.staged((config.statistics, config.anomalies), ("*.pbtxt", validation_file.FILE)) as folders:
        aside = replace(config, statistics=folders[0], anomalies=folders[1])
        found = validation.validate(aside)
        validation_file.write(aside.anomalies / validation_file.FILE, found.validation)
        text_files.write(config.page, validation.page(config, found))
    return result(found)


def result(found: Validated) -> Result:
    judged = found.validation
    accepted = {f"accepted_{finding.id}": finding.accepted for finding in judged.findings if finding.accepted}
    about = {"verdict": judged.verdict, "anomalies": found.anomalies, "findings": len(judged.findings)}
    return Result(
        artifacts={"statistics": {"tfdv": anomalies.VERSION}, "anomalies": about | accepted},
        parameters={"ready": judged.verdict != "not_ready"},
        headline="\n".join([*_lines(judged.findings), f"validate: {judged.verdict}"]),
    )


def _lines(findings: tuple[Finding, ...]) -> Iterator[str]:
    """One line for each finding, with the id that --accept takes."""
    for finding in findings:
        word = "stops" if finding.stops else "accepted" if finding.accepted else finding.severity
        yield f"  {word}: {finding.claim} [{finding.id}]"

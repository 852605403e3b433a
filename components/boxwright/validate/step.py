"""Checks the records with TFDV and by own checks where TFDV is blind, and says whether training may start.

The verdict is ready, ready_with_caveats or not_ready, with every reason; only not_ready stops the pipeline.
"""

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

from boxwright.core.runtime import text_files
from boxwright.core.runtime.quiet import hush
from boxwright.core.runtime.step_io import Result
from boxwright.core.runtime.step_paths import Fetched


@dataclass(frozen=True, kw_only=True)
class Config:
    records: Path
    """Folder that convert wrote: TFRecords, manifest, label map."""
    tables: Path
    """Folder that convert wrote: images.parquet and objects.parquet."""
    statistics: Path = Path("statistics")
    """Output folder: TFDV statistics, one text proto a split."""
    schema: Path = Path("schema.pbtxt")
    """Output: the schema of the training split."""
    anomalies: Path = Path("anomalies")
    """Output folder: TFDV anomalies of each split, and validation.json with verdict and reasons."""
    page: Path = Path("validation.html")
    """Output: what was found, as one page."""
    accept: str = ""
    """Risks that you take: `CODE=REASON; CODE=REASON`. An error so accepted does not stop the pipeline; it stays in the report
    and, with your reason, in the lineage."""
    expected_schema: Fetched = ""
    """A TFDV schema (text proto; a path or a gs:// URI) to check against, such as the schema.pbtxt of an earlier run that you
    curated; empty infers one from train."""
    previous_statistics: Fetched = ""
    """Statistics of an earlier run (its output `statistics`; a folder or a gs:// URI): where the data has drifted from them is
    told."""


def run(config: Config) -> Result:
    """Data that are not ready are a result, not an exception; raises UserError when there are no records, when the tables are of
    other data, when a schema or an earlier run's statistics cannot be read, when an output cannot be written, and for a risk
    accepted without a reason."""
    hush()
    with contextlib.redirect_stderr(io.StringIO()):  # TFDV misses IPython here
        from boxwright.validate import validation

    found = validation.validate(config)
    reasons = [reason.as_json() for reason in found.reasons]
    document = {"verdict": found.verdict, "reasons": reasons}
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    text_files.write(config.anomalies / "validation.json", text)
    text_files.write(config.page, validation.page(config, found))
    return Result(
        artifacts={
            "statistics": {"tfdv": found.tfdv_version},
            "anomalies": {"verdict": found.verdict, "anomalies": found.anomalies, "reasons": len(reasons)}
            | {f"accepted_{reason.code}": reason.accepted for reason in found.reasons if reason.accepted},
        },
        parameters={"ready": found.verdict != "not_ready"},
        headline="\n".join([f"  {r.severity}: {r.text}" for r in found.reasons] + [f"validate: {found.verdict}"]),
    )

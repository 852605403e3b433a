"""Checks the records with TFDV and by own checks where TFDV is blind, and says whether training may start.

The verdict is ready, ready_with_caveats or not_ready, with every reason; only not_ready stops the pipeline.
"""

import contextlib
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from boxwright.core.quiet import hush
from boxwright.core.step_io import Result


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


def run(config: Config) -> Result:
    """Data that are not ready are a result, not an exception; raises UserError only when there are no records."""
    hush()
    with contextlib.redirect_stderr(io.StringIO()):  # TFDV misses IPython here
        from boxwright.validate import validation

    found = validation.validate(config)
    reasons = [asdict(reason) for reason in found.reasons]
    config.anomalies.mkdir(parents=True, exist_ok=True)
    document = {"verdict": found.verdict, "reasons": reasons}
    (config.anomalies / "validation.json").write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    config.page.parent.mkdir(parents=True, exist_ok=True)
    config.page.write_text(validation.page(config, found), encoding="utf-8")
    return Result(
        artifacts={
            "statistics": {"tfdv": found.tfdv_version},
            "anomalies": {"verdict": found.verdict, "anomalies": found.anomalies, "reasons": len(reasons)},
        },
        parameters={"ready": found.verdict != "not_ready"},
        headline="\n".join([f"  {r.severity}: {r.text}" for r in found.reasons] + [f"validate: {found.verdict}"]),
    )

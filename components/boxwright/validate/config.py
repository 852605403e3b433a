"""Checks the records, with TFDV and with checks that TFDV does not have, and decides whether training may start.

The verdict is ready, ready_with_caveats or not_ready. Only not_ready stops the pipeline. Every finding is listed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from boxwright.core.runtime.flags import Fetched, Input, Output, Returned, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    records: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote: TFRecords, manifest, label map."""
    tables: Annotated[Path, Input("Dataset")]
    """Folder that convert wrote: images.parquet and objects.parquet."""
    statistics: Annotated[Path, Output("Artifact")] = Path("statistics")
    """Output folder: TFDV statistics, one text proto per split."""
    schema: Annotated[Path, Output("Artifact")] = Path("schema.pbtxt")
    """Output: the TFDV schema of the training split."""
    anomalies: Annotated[Path, Output("Artifact")] = Path("anomalies")
    """Output folder: TFDV anomalies of each split, and validation.json with the verdict and its findings."""
    page: Annotated[Path, Output("HTML")] = Path("validation.html")
    """Output: the verdict and the findings as one page."""
    accept: str = ""
    """Findings that you accept, with your reasons: "ID=REASON; ID=REASON". An accepted finding does not stop the pipeline.
    It stays in the report and, with your reason, in the lineage."""
    expected_schema: Annotated[str, Fetched(what="file")] = ""
    """A TFDV schema that the data must fit (schema.pbtxt of an earlier run, for example; a path, https://, gs:// or s3://).
    Empty: the schema is inferred from train."""
    previous_statistics: Annotated[str, Fetched(("gs", "s3", "minio"), "folder")] = ""
    """Statistics of an earlier run (validate's output `statistics`; a folder, gs:// or s3://). validate reports drift from
    them."""

    returns: ClassVar = {"ready": Returned(bool, "Whether training may start.")}

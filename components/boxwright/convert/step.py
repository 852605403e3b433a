"""Runs the step: see config.py."""

from boxwright.convert import conversion, summary
from boxwright.convert.config import Config
from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.runtime.console import silence_libraries
from boxwright.core.runtime.step_io import Result


def run(config: Config) -> Result:
    """Raises UserError for data that cannot be read, for annotated images that are missing (unless `missing` allows them), for
    class names that clash, and when nothing usable is left."""
    silence_libraries()
    stored, tables_digest = conversion.convert(config)
    summary.show(stored)
    return Result(
        artifacts={"records": metadata(stored, config.data), "tables": {"digest": tables_digest}},
        headline=summary.headline(stored),
    )


def metadata(stored: Dataset, data: str) -> dict[str, str | int]:
    """Totals only. KFP passes metadata on as one argument of a command, which holds 128 KiB at most, so nothing here may grow
    with the number of classes; `dataset.json` has the counts of each class."""
    totals: dict[str, str | int] = {}
    for split, counts in stored.splits.items():
        totals |= {f"{split}_images": counts.images, f"{split}_objects": counts.objects}
    return {"digest": stored.digest, "format": stored.format, "data": data, **totals}

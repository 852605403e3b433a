"""Runs the step: see config.py."""

from boxwright.convert.config import Config
from boxwright.core.runtime.console import silence_libraries
from boxwright.core.runtime.step_io import Result


def run(config: Config) -> Result:
    """Raises UserError for data that cannot be read, annotated images that are missing (unless they may be), class names
    that clash, and when nothing usable is left."""
    silence_libraries()
    from boxwright.convert import conversion, summary

    manifest, tables_digest = conversion.convert(config)
    summary.show(manifest)
    return Result(
        artifacts={"records": metadata(manifest, config.data), "tables": {"digest": tables_digest}},
        headline=summary.headline(manifest),
    )


def metadata(manifest: dict, data: str) -> dict[str, str | int]:
    """Totals only. KFP passes metadata on as one argument of a command, which holds 128 KiB at most, so nothing here may grow
    with the number of classes; `dataset.json` has the counts of each class."""
    totals = {
        f"{split}_{what}": counts[what]
        for split, counts in manifest["splits"].items()
        for what in ("images", "objects")
    }
    return {"digest": manifest["digest"], "format": manifest["format"], "data": data, **totals}

"""Runs the step: see config.py."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.diagnose.config import Config

if TYPE_CHECKING:
    from boxwright.core.recipe import Recipe
    from boxwright.diagnose.plan.existing_training import Given


def run(config: Config) -> Result:
    """Raises UserError when the tables are missing, the model is unknown, `given` is not a recipe for this data, `init` a folder
    without weights or with a model of another network, or validate found the data not ready."""
    from boxwright.core import findings, recipe
    from boxwright.core.artifacts import diagnosis as artifact
    from boxwright.core.runtime import text_files
    from boxwright.diagnose import data, diagnosis
    from boxwright.diagnose.findings import label_quality
    from boxwright.diagnose.page import diagnosis_page

    refuse_not_ready(config.anomalies)
    tables = data.read(config.records, config.tables)
    config = with_weights(config, diagnosis.baseline(tables, config).recipe)
    found, planned, unpredicted = diagnosis.of(tables, config, label_quality.read(config.records))
    artifact.write(config.findings, found)
    recipe.write(planned, config.recipe)
    baseline = diagnosis.baseline(tables, config)
    tell_unread(config.given, baseline)
    text_files.write(config.page, diagnosis_page.render(tables, found, planned, unpredicted, baseline.recipe))
    by_severity = {s: sum(f.severity == s for f in found.findings) for s in findings.SEVERITIES}
    return Result(
        artifacts={
            "findings": by_severity,
            "recipe": {
                "digest": planned.digest(),
                "model": planned.model,
                "grid": planned.grid,
                "stock": planned.stock,
            },
        },
        parameters={"weights": config.init},
        headline=diagnosis.headline(found, planned, unpredicted),
    )


def with_weights(config: Config, recipe: "Recipe") -> Config:
    """The Config with the weights that `--init auto` stands for now. A training from scratch is announced."""
    from boxwright.core.pretrained import zoo

    weights, why = zoo.resolve(config.init, recipe.model, recipe.depth_multiplier)
    if why:
        print(f"warning: training will start from scratch, because {why}: expect a much lower AP", file=sys.stderr)
    return replace(config, init=weights)


def tell_unread(file: str, given: "Given") -> None:
    if given.unread:
        said = ", ".join(given.unread)
        print(f"warning: --given {file}: the recipe cannot hold {said}: left out", file=sys.stderr)


def refuse_not_ready(anomalies: str) -> None:
    """Raises UserError when validate found the data not ready, or never wrote into the folder `anomalies`."""
    import json

    if not anomalies:
        return
    file = Path(anomalies) / "validation.json"
    if not file.exists():
        raise UserError(f"{file}: no such file; --anomalies is the folder that `boxwright validate` wrote")
    validation = json.loads(file.read_text(encoding="utf-8"))
    if validation["verdict"] == "not_ready":
        reasons = "; ".join(r["text"] for r in validation["reasons"] if r["severity"] == "error")
        raise UserError(f"the data are not ready to train on: {reasons}. Put that right and run convert again.")

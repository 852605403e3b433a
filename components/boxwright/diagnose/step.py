"""Runs the step: see config.py."""

import sys
from dataclasses import replace
from pathlib import Path

from boxwright.core import recipe as recipes
from boxwright.core.artifacts import diagnosis as artifact
from boxwright.core.artifacts import validation
from boxwright.core.findings import SEVERITIES, Finding
from boxwright.core.pretrained import zoo
from boxwright.core.recipe import Recipe
from boxwright.core.runtime import text_files
from boxwright.core.runtime.step_io import Result
from boxwright.diagnose import data, diagnosis
from boxwright.diagnose.config import Config
from boxwright.diagnose.embedding import looks
from boxwright.diagnose.measures import object_crops
from boxwright.diagnose.page import diagnosis_page
from boxwright.diagnose.plan.existing_training import ExistingTraining


def run(config: Config) -> Result:
    """Data that are not ready to train on are diagnosed, too.

    Raises UserError if the tables are missing, if the model is unknown, if `given` is not a recipe for this data, and if `init`
    is a folder without weights or with a model of another network."""
    judged = validated(config.anomalies)
    tables = data.read(config.records, config.tables)
    training = diagnosis.diagnosed_training(tables, config)
    warn_notices(config.given, training)
    config = with_weights(config, training.recipe)
    seen = looks.read(config.records, tables.distinct, config.init, training.recipe, config.seed)
    crops = object_crops.read(config.records, tables.distinct)
    diagnosed = diagnosis.diagnose(tables, training, config, crops, judged, seen)
    artifact.write(config.findings, diagnosed.diagnosis)
    recipes.write(diagnosed.recipe, config.recipe)
    text_files.write(config.page, diagnosis_page.made(config.records, tables, diagnosed))
    by_severity = {s: sum(f.severity == s for f in diagnosed.diagnosis.findings) for s in SEVERITIES}
    used = diagnosed.recipe
    return Result(
        artifacts={
            "findings": by_severity,
            "recipe": {"digest": used.digest(), "model": used.model, "grid": used.grid, "stock": used.stock},
        },
        parameters={"weights": config.init},
        headline=diagnosis.headline(diagnosed),
    )


def with_weights(config: Config, recipe: Recipe) -> Config:
    """The Config with `--init auto` resolved to the weights that exist now. Prints a warning if training starts from scratch."""
    weights, why = zoo.resolve(config.init, recipe.model, recipe.depth_multiplier)
    if why:
        print(f"warning: training will start from scratch, because {why}: expect a much lower AP", file=sys.stderr)
    return replace(config, init=weights)


def warn_notices(file: str, training: ExistingTraining) -> None:
    """Prints a warning for each thing in the user's file that the OD API cannot read."""
    for notice in training.notices:
        print(f"warning: --given {file}: {notice}", file=sys.stderr)


def validated(anomalies: str) -> tuple[Finding, ...]:
    """The findings of validate, without those of severity `info`. anomalies: its folder; empty: the data were not validated.

    Raises UserError if the folder holds no result of validate.
    """
    if not anomalies:
        return ()
    judged = validation.read(Path(anomalies) / validation.FILE)
    return tuple(finding for finding in judged.findings if finding.severity != "info")

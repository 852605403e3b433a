"""Finds out what will hold the detector back on this data, with numbers, and writes the recipe that answers it.

Needs no training: seconds on the tables that convert wrote, and a look at a few hundred of the pictures. With --stock the
findings are the same and the recipe is the model zoo's own, the baseline. With --data instead of --records and --tables,
`boxwright diagnose` runs convert and validate before it and augment after it.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.core.runtime.step_paths import Fetched, OptionalPath

if TYPE_CHECKING:
    from boxwright.diagnose.plan.existing_training import Given


@dataclass(frozen=True, kw_only=True)
class Config:
    records: Path
    """Folder that convert wrote: the manifest names the classes."""
    tables: Path
    """Folder that convert wrote: images.parquet and objects.parquet."""
    anomalies: OptionalPath = ""
    """Folder that validate wrote; data found not ready are refused. Empty: not asked."""
    model: str = "ssd_mobilenet_v1_ppn"
    """ssd_mobilenet_v1_ppn (also written _pnp), ssd_mobilenet_v1 or ssd_mobilenet_v2."""
    steps: int = 0
    """Training steps; 0 chooses: 25 epochs, 600 at least."""
    batch_size: int = 8
    """Images a step; the learning rate follows it."""
    seed: int = 0
    """Of the search for anchors, the simulated crops, and of the training."""
    stock: bool = False
    """Write the zoo's recipe unchanged (only classes and the rate scaled to the batch)."""
    init: Fetched = ""
    """Initial weights that training will start from: a path or uri, auto, or none. With a path the head learns alone first, and
    AP50 can be predicted, unless it is a folder that train wrote: its model may know all classes already, and no run from such
    a model has been measured."""
    given: OptionalPath = ""
    """The training that you have: a recipe.yaml or an OD API pipeline.config (an ending other than .yaml). The findings are
    then about it instead of the zoo's recipe, and the recipe written is it with what they ask for changed; model, steps and
    batch size are its own."""
    findings: Path = Path("findings.json")
    """Output: the findings, the unreachable shares and the prediction."""
    recipe: Path = Path("recipe.yaml")
    """Output: everything that decides the training."""
    page: Path = Path("diagnosis.html")
    """Output: the findings with the pictures that show them and what the recipe changes, as one page."""


def run(config: Config) -> Result:
    """Raises UserError when the tables are missing, the model is unknown, `given` is not a recipe for this data, `init` a folder
    without weights or with a model of another network, or validate found the data not ready."""
    from boxwright.core import findings, recipe
    from boxwright.core.runtime import text_files
    from boxwright.diagnose import data, diagnosis
    from boxwright.diagnose.findings import label_quality
    from boxwright.diagnose.page import diagnosis_page

    if config.steps < 0 or config.batch_size < 1:
        raise UserError(
            f"--steps {config.steps} --batch-size {config.batch_size}: expected 0 or more steps, a batch of 1 or more"
        )
    if config.given and (config.stock or config.steps):
        raise UserError("--given has steps and a recipe of its own: leave --steps and --stock out")
    refuse_not_ready(config.anomalies)
    tables = data.read(config.records, config.tables)
    found, planned, unpredicted = diagnosis.of(tables, config, label_quality.read(config.records))
    findings.write(found, config.findings)
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
        headline=diagnosis.headline(found, planned, unpredicted),
    )


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

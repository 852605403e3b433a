"""Reads the files of a run. The files of a training are either all there, or all absent if validation refused the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from boxwright.core import findings, recipe
from boxwright.core.artifacts import dataset, diagnosis, edgetpu, parity, training, validation
from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.artifacts.edgetpu import EdgeTpu
from boxwright.core.artifacts.parity import Parity
from boxwright.core.artifacts.training import History, Restored
from boxwright.core.artifacts.validation import Validation
from boxwright.core.findings import Finding
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError
from boxwright.report import consistency, error_findings, evaluation, forgetting
from boxwright.report.config import Config
from boxwright.report.evaluation import Evaluation

# Fields of the Config that are given together or not at all.
OF_TRAINING = ("findings", "recipe", "model", "evaluation_float", "evaluation_int8", "tflite", "edgetpu")


@dataclass(frozen=True, kw_only=True)
class Training:
    """The outputs of a training and of the steps after it. curves: the SVG file as a data URI."""

    diagnosis: Diagnosis
    recipe: Recipe
    history: History
    restored: Restored
    curves: str
    trained: Evaluation
    int8: Evaluation
    parity: Parity
    tflite_bytes: dict[str, int]
    edgetpu: EdgeTpu

    @property
    def notices(self) -> tuple[str, ...]:
        """The notices of train, export and evaluate."""
        return (*self.history.notices, *self.parity.notices, *self.trained.metrics.notices)

    @property
    def causes(self) -> tuple[Finding, ...]:
        """What held the detector back: the findings of diagnose and of forgetting, most important first."""
        return findings.ranked([*self.diagnosis.findings, *forgetting.findings(self.history, self.recipe)])

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings about the errors of the trained detector."""
        return error_findings.findings(self.trained.errors, self.history)


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """The files of a run. training is None if validation refused the data."""

    dataset: Dataset
    validation: Validation
    training: Training | None = None

    @property
    def notices(self) -> tuple[str, ...]:
        """The notices of convert about the data, then those of the later steps.

        A notice that validate did not pass on is left out, because a finding of validate replaces it.
        """
        judged = {finding.claim for finding in self.validation.findings}
        data = (notice.claim for notice in self.dataset.notices if notice.claim in judged)
        return (*data, *(self.training.notices if self.training else ()))


def read(config: Config) -> Artifacts:
    """Raises UserError for a file that is not as its step writes it, and if only some outputs of a training are given."""
    stored = dataset.read(config.records / dataset.FILE)
    judged = validation.read(config.anomalies / validation.FILE)
    lacking = [name for name in OF_TRAINING if not getattr(config, name)]
    if lacking and (len(lacking) < len(OF_TRAINING) or judged.verdict != "not_ready"):
        raise UserError(
            f"{_flags(lacking)} {'is' if len(lacking) == 1 else 'are'} missing: give all of {_flags(OF_TRAINING)}. Leave "
            "all of them out only for data that validation refused"
        )
    made = None if lacking else _read_training(config)
    if made:
        _require_match(made, config, stored)
    return Artifacts(dataset=stored, validation=judged, training=made)


def _require_match(made: Training, config: Config, stored: Dataset) -> None:
    """Raises UserError for an evaluation of another variant, and if the files have different images or classes."""
    for flag, one, variant in (("float", made.trained, "trained"), ("int8", made.int8, "int8")):
        if (found := one.metrics.variant) != variant:
            raise UserError(
                f"--evaluation-{flag} is an evaluation of --variant {found}; give the one of --variant {variant}"
            )
    if made.trained.groundtruth != made.int8.groundtruth:
        raise UserError(
            f"{config.evaluation_float} and {config.evaluation_int8} were measured on different images: run `boxwright evaluate` "
            "for both with the same --records and --split"
        )
    if wrong := next(consistency.problems(made.diagnosis, made.trained, made.int8), None):
        raise UserError(f"{wrong}; give the outputs of one run, as its steps wrote them")
    split = made.trained.metrics.split
    images = {name: one.images for name, one in stored.splits.items()}.get(split, 0)
    if images != made.trained.images:
        raise UserError(
            f"{config.evaluation_float} was measured on {made.trained.images} {split} images, {config.records} has {images}: "
            "give the records that it was measured on, or run `boxwright evaluate` again"
        )


def _flags(names: Sequence[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _read_training(config: Config) -> Training:
    model, tflite = Path(config.model), Path(config.tflite)
    return Training(
        diagnosis=diagnosis.read(Path(config.findings)),
        recipe=recipe.read(Path(config.recipe)),
        history=training.read(model / training.HISTORY),
        restored=training.read_restored(model / training.RESTORED),
        curves=evaluation.read_svg(model / "curves.svg"),
        trained=evaluation.read(Path(config.evaluation_float)),
        int8=evaluation.read(Path(config.evaluation_int8)),
        parity=parity.read(tflite / parity.FILE),
        tflite_bytes={file.name: file.stat().st_size for file in sorted(tflite.glob("*.tflite"))},
        edgetpu=edgetpu.read(Path(config.edgetpu) / edgetpu.FILE),
    )

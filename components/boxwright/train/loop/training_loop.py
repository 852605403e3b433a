"""The training loop around the OD API's model: stages, validation, early stopping, resume.

The OD API's `train_loop` has no stages, no validation and no early stopping. It writes a final checkpoint only if the number
of steps is a multiple of its checkpoint interval. Model, losses, target assignment, augmentation and learning-rate schedule
are the OD API's.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from boxwright.core.artifacts.training import History
from boxwright.core.od_api import detection_model, tf
from boxwright.core.od_api.detection_model import DetectionModel, Tensors
from boxwright.core.od_api.learning_rate import CosineWithWarmup
from boxwright.core.recipe import Recipe, Stage
from boxwright.core.runtime.errors import UserError
from boxwright.train.loop import determinism, distribution, termination
from boxwright.train.loop.checkpointing import Remote, TrainingCheckpoints
from boxwright.train.loop.history import RunningHistory
from boxwright.train.loop.input_pipeline import batches
from boxwright.train.loop.progress import Progress
from boxwright.train.loop.train_step import Optimizer, TrainStep, stage_variables, train_step
from boxwright.train.loop.validation import Validation
from boxwright.train.weights import weight_restoring
from boxwright.train.weights.initial_weights import Source

_SAVE_EVERY = 50


class Training:
    """One training. It resumes from the state that a killed process left in `workspace`, and stores it at `remote`, too.

    Construct and run it in the scope of a distribution strategy to use all devices of the strategy. Raises UserError if an
    augmentation option is unknown, or if the weights do not fit the model.
    """

    def __init__(
        self, recipe: Recipe, records: Path, source: Source, workspace: Path, remote: Remote | None = None
    ) -> None:
        tf.keras.utils.set_random_seed(recipe.seed)
        determinism.enable()
        self.recipe, self.records = recipe, records
        self.model = detection_model.build(recipe, training=True)
        self.restored = weight_restoring.restore(self.model, source, recipe)
        self.step = tf.Variable(tf.constant(0, tf.int64))
        self.learning_rate = CosineWithWarmup(recipe)
        self.optimizer: Optimizer = tf.keras.optimizers.legacy.SGD(
            self.learning_rate, momentum=recipe.learning_rate.momentum
        )
        self.checkpoints = TrainingCheckpoints(workspace, self.model, self.optimizer, self.step, remote)
        self.between_steps = True
        self.history = self.checkpoints.history or RunningHistory([source.notice] if source.notice else [])
        if self.checkpoints.history:
            self.checkpoints.resume()
            self.history.notices.append(self._resumed())
        if self.checkpoints.damaged:
            self.history.add_notice(
                "The saved state of an interrupted training is damaged. Training started again from step 0."
            )
        if notice := distribution.notice(recipe):
            self.history.add_notice(notice)

    @property
    def at(self) -> int:
        """The number of steps that are done."""
        return int(self.step.numpy())

    def _resumed(self) -> str:
        if self.at == self.recipe.steps or self.history.stopped_early:
            return f"All steps were done before: the model is that of the checkpoint at step {self.at}."
        return f"Resumed at step {self.at} after an interruption."

    def run(self) -> History:
        """Trains until the last stage ends, or until validation AP has not risen for `patience` validations.

        SIGTERM saves and stores the state first, if no step is in progress. Raises UserError if the loss is not finite.
        """
        try:
            return self._run()
        except SystemExit:
            if self.between_steps and self.checkpoints.stored_at < self.at:
                self.checkpoints.save(self.history, now=True)
            print(f"step {self.at}: told to end; saved at step {self.checkpoints.stored_at}", flush=True)
            raise

    def _run(self) -> History:
        validation = Validation(self.model, self.recipe, self.records)
        if missing := validation.missing():
            self.history.add_notice(f"{missing}: training does not stop early, and the last step is kept.")
        with Progress(self.recipe.steps, self.history.notices) as progress:
            # A resumed training continues with the batch that the killed process would have read next.
            data = batches(self.recipe, self.records, self.model, start=self.at)
            shares = iter(tf.distribute.get_strategy().experimental_distribute_dataset(data))
            if self._validates(validation):  # SIGTERM came during this validation
                self._after_step(validation, progress)
            for stage, until in self._stages():
                if self.at < until and not self.history.stopped_early:
                    variables = stage_variables(self.model, stage.trainable)
                    step_function = train_step(self.model, self.optimizer, variables)
                    self._run_stage(step_function, shares, until, validation, progress)
        if self.checkpoints.remote and (failures := self.checkpoints.remote.failures):
            self.history.notices.append(f"{failures} checkpoints could not be stored at --checkpoints.")
        return self.history.finished(last_step=self.at)

    def _stages(self) -> Iterator[tuple[Stage, int]]:
        """Each stage and the step after which it ends."""
        until = 0
        for stage in self.recipe.stages:
            until += stage.steps
            yield stage, until

    def _run_stage(
        self,
        step_function: TrainStep,
        data: Iterator[tuple[Tensors, Tensors]],
        until: int,
        validation: Validation,
        progress: Progress,
    ) -> None:
        while self.at < until and not self.history.stopped_early:
            # The first step takes a minute, because it traces the graph. While nothing is lost, SIGTERM need not wait for it.
            unsaved = self.checkpoints.stored_at < self.at
            with termination.deferred() if unsaved else nullcontext():
                self._step(step_function, data, progress)
            self._after_step(validation, progress)

    def _step(self, step_function: TrainStep, data: Iterator[tuple[Tensors, Tensors]], progress: Progress) -> None:
        started = time.monotonic()
        rate = float(self.learning_rate(self.step))
        self.between_steps = False
        losses = [float(loss) for loss in step_function(*next(data))]
        self.step.assign_add(1)
        self._require_finite(self.at, losses, rate)
        self.history.record_step(self.at, losses, rate)
        self.history.seconds = round(self.history.seconds + time.monotonic() - started, 3)
        self.between_steps = True
        progress.step(self.at, losses, self.history.evaluations)

    def _validates(self, validation: Validation) -> bool:
        """Whether the current step is to be validated, and is not yet."""
        due = self.at == self.recipe.steps or (self.at > 0 and self.at % self.recipe.evaluate_every == 0)
        done = any(one.step == self.at for one in self.history.evaluations[-1:])
        return due and not done and not validation.missing()

    def _after_step(self, validation: Validation, progress: Progress) -> None:
        """Validates and saves, if this step is one for it."""
        started, validates = time.monotonic(), self._validates(validation)
        numbers = validation() if validates else None
        with termination.deferred():
            if numbers is not None:
                self._validate(self.at, numbers, progress)
            self.history.seconds = round(self.history.seconds + time.monotonic() - started, 3)
            is_last = self.at == self.recipe.steps or self.history.stopped_early
            if validates or is_last or self.at % _SAVE_EVERY == 0:
                self.checkpoints.save(self.history, now=is_last)

    def _require_finite(self, at: int, losses: list[float], rate: float) -> None:
        if not np.isfinite(losses).all():
            raise UserError(
                f"the loss became {losses} at step {at}: the learning rate {rate:.4g} is too high for batch "
                f"{self.recipe.batch_size}. Lower learning_rate.base and warmup in the recipe (a tenth of each is a good start)"
            )

    def _validate(self, at: int, numbers: Mapping[str, Any], progress: Progress) -> None:
        history = self.history
        if is_best := history.record_evaluation(at, numbers):
            self.checkpoints.save_best(at)
        waited = history.evaluations_since_best
        history.stopped_early = waited >= self.recipe.patience and at < self.recipe.steps
        progress.evaluation(history.evaluations[-1], best=is_best)

    def best_model(self) -> DetectionModel:
        """The model with the weights of the best validation; with those of the last step if there was no validation."""
        if self.history.evaluations:
            self.checkpoints.restore_best(self.history.best_step)
        return self.model

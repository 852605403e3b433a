"""The training loop around the OD API's model: stages, validation, early stopping, resume.

The OD API's own `train_loop` has no stages, no validation inside, no early stopping and leaves no final checkpoint unless the
steps divide evenly; model, losses, target assignment, input pipeline and learning-rate schedule are its own.
"""

from boxwright.core.od_api import compat  # noqa: F401, I001

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import tensorflow as tf
from object_detection import model_lib
from object_detection.core import standard_fields
from object_detection.utils import learning_schedules

from boxwright.core import coco_eval
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.runtime.errors import UserError
from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api.detector import Detector, set_phase
from boxwright.core.od_api.resize import decode
from boxwright.core.recipe import Recipe
from boxwright.train import determinism, distribution, weights
from boxwright.train.history import History
from boxwright.train.input_pipeline import batches
from boxwright.train.progress import Progress
from boxwright.train.checkpointing import Saved

_SAVE_EVERY = 50
_VALIDATION_IMAGES = 500


class Schedule(tf.keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up, then half a cosine to zero: the OD API's `cosine_decay_with_warmup`."""

    def __init__(self, recipe: Recipe) -> None:
        self.rate, self.steps = recipe.learning_rate, recipe.steps

    def __call__(self, step):
        rate = learning_schedules.cosine_decay_with_warmup(
            tf.minimum(tf.cast(step, tf.int32), self.steps),
            learning_rate_base=self.rate.base,
            total_steps=self.steps,
            warmup_learning_rate=self.rate.warmup,
            warmup_steps=self.rate.warmup_steps,
        )
        return rate() if callable(rate) else rate  # the OD API gives a function when called eagerly

    def get_config(self) -> dict:
        return {"rate": self.rate.model_dump(), "steps": self.steps}


def train_step(model, optimizer, variables: list[tf.Variable]):
    """A traced function (features, labels) -> the three losses that changes `variables` only.

    Under a strategy of several replicas each is given its share of the batch, and the gradients are averaged, as in the OD API's
    `train_loop`: batch norm and the loss see a share each.
    """
    strategy = tf.distribute.get_strategy()

    def of_replica(features, labels):
        set_phase(model, training=True)
        model_lib.provide_groundtruth(model, model_lib.unstack_batch(labels, unpad_groundtruth_tensors=False))
        shapes = features[standard_fields.InputDataFields.true_image_shape]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(variables)
            losses = model.loss(model.predict(features[standard_fields.InputDataFields.image], shapes), shapes)
            regularization = tf.add_n(model.regularization_losses())
            # A share, because the replicas' gradients are added up.
            total = tf.add_n([*losses.values(), regularization]) / strategy.num_replicas_in_sync
        optimizer.apply_gradients(zip(tape.gradient(total, variables), variables, strict=True))
        return losses["Loss/classification_loss"], losses["Loss/localization_loss"], regularization

    @tf.function(autograph=False)
    def step(features, labels):
        losses = strategy.run(of_replica, (features, labels))
        return [strategy.reduce(tf.distribute.ReduceOp.MEAN, loss, axis=None) for loss in losses]

    return step


def stage_variables(model, trainable: str) -> list[tf.Variable]:
    """What learns in a stage: everything, or everything but the backbone."""
    frozen = models.in_backbone(model) if trainable == "head" else set()
    return [v for v in model.trainable_variables if v.ref() not in frozen]


class Validation:
    """AP on the first 500 validation images, with the model as it stands."""

    def __init__(self, model, recipe: Recipe, records: Path) -> None:
        chosen = list(zip(range(_VALIDATION_IMAGES), recordfiles.read(records, "val"), strict=False))
        self.records = [record for _, record in chosen]
        self.truth = coco_eval.groundtruth(self.records, recipe.classes)
        self.detector = Detector(model, recipe.input_size, recipe.batch_size)

    def __call__(self) -> dict:
        """AP, AP50 in 0..1 and the same per class."""
        return coco_eval.evaluate(self.truth, self.detect())

    def lacks(self) -> str:
        """Why there is no AP; empty where there is one."""
        if any(not one["iscrowd"] for one in self.truth["annotations"]):
            return ""
        return "No object on the validation images" if self.records else "No validation images"

    def detect(self) -> list[dict]:
        """COCO json of what the model detects now, with its own class ids."""
        found = []
        batch = self.detector.batch_size
        for start in range(0, len(self.records), batch):
            chosen = self.records[start : start + batch]
            detections = self.detector([decode(record.encoded) for record in chosen])
            for image_id, (record, detection) in enumerate(zip(chosen, detections, strict=True), start + 1):
                found += coco_eval.detections(image_id, record.height, record.width, *detection)
        return found


class Training:
    """One training, resumable: everything that must survive a kill is under `workspace`. Made and run in the scope of a strategy,
    it uses all devices of that."""

    def __init__(self, recipe: Recipe, records: Path, source: weights.Source, workspace: Path) -> None:
        tf.keras.utils.set_random_seed(recipe.seed)
        determinism.make()
        self.recipe, self.records = recipe, records
        self.model = models.build(recipe, training=True)
        self.restored = weights.restore(self.model, source, recipe)
        self.step = tf.Variable(0, dtype=tf.int64)
        self.optimizer = tf.keras.optimizers.legacy.SGD(Schedule(recipe), momentum=recipe.learning_rate.momentum)
        self.saved = Saved(workspace, self.model, self.optimizer, self.step)
        self.history = self.saved.history or History([source.notice] if source.notice else [])
        if self.saved.history:
            self.saved.resume()
            self.history.notices.append(f"Resumed at step {self.at} after an interruption.")
        if self.saved.damaged:
            self.history.tell("What an interrupted training had saved is damaged: this one started anew.")
        if told := distribution.notice(recipe):
            self.history.tell(told)

    @property
    def at(self) -> int:
        """The steps that are done."""
        return int(self.step.numpy())

    def run(self) -> dict:
        """Trains to the end of the last stage, or until validation AP has not risen for `patience` evaluations."""
        validation = Validation(self.model, self.recipe, self.records)
        if lacks := validation.lacks():
            self.history.tell(f"{lacks}: no early stopping, the last step is kept.")
        with Progress(self.recipe.steps, self.history.notices) as progress:
            # After a kill the batches that would have come next, for the same weights.
            data = batches(self.recipe, self.records, self.model, start=self.at)
            shares = iter(tf.distribute.get_strategy().experimental_distribute_dataset(data))
            for stage, until in self._stages():
                if self.at < until and not self.history.stopped_early:
                    variables = stage_variables(self.model, stage.trainable)
                    self._run_stage(
                        train_step(self.model, self.optimizer, variables), shares, until, validation, progress
                    )
        return asdict(self.history) | {"best_step": self.history.best_step or self.at}

    def _stages(self) -> Iterator[tuple]:
        """Each stage with the step at which it ends."""
        until = 0
        for stage in self.recipe.stages:
            until += stage.steps
            yield stage, until

    def _run_stage(self, step_function, data: Iterator, until: int, validation: Validation, progress: Progress) -> None:
        while self.at < until and not self.history.stopped_early:
            started = time.monotonic()
            rate = float(self.optimizer.learning_rate(self.step))
            losses = [float(loss) for loss in step_function(*next(data))]
            self.step.assign_add(1)
            at = self.at
            self._require_finite(at, losses, rate)
            self.history.note(at, losses, rate)
            ends = at == self.recipe.steps
            evaluates = not validation.lacks() and (ends or at % self.recipe.evaluate_every == 0)
            if evaluates:
                self._validate(at, validation(), progress)
            self.history.seconds = round(self.history.seconds + time.monotonic() - started, 3)
            if evaluates or ends or at % _SAVE_EVERY == 0:
                self.saved.save(self.history)
            progress.step(at, losses, self.history.evaluations)

    def _require_finite(self, at: int, losses: list[float], rate: float) -> None:
        if not np.isfinite(losses).all():
            raise UserError(
                f"the loss became {losses} at step {at}: the learning rate {rate:.4g} is too high for batch "
                f"{self.recipe.batch_size}. Lower learning_rate.base and warmup in the recipe (a tenth of each is a good start)"
            )

    def _validate(self, at: int, metrics: dict, progress: Progress) -> None:
        history = self.history
        if kept := history.evaluated(at, metrics):
            self.saved.keep(at)
        history.stopped_early = history.without_better >= self.recipe.patience and at < self.recipe.steps
        progress.evaluation(history.evaluations[-1], best=kept)

    def best(self):
        """The model with the weights of its best validation; those of the last step where there was none."""
        if self.history.evaluations:
            self.saved.restore_best(self.history.best_step)
        return self.model

"""Inference: images in, boxes out."""

from boxwright.core.od_api import compat  # noqa: F401, I001

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from tf_keras.src import backend

from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api.resize import model_input

Detection = tuple[np.ndarray, np.ndarray, np.ndarray]


class Detector:
    """Detects in batches of one fixed size, so that the graph is traced once.

    model: any model of the OD API, also one in training: inference never touches its batch-norm statistics.
    """

    def __init__(self, model, input_size: int, batch_size: int = 8) -> None:
        self.input_size = input_size
        self.batch_size = batch_size
        shape = tf.constant([[input_size, input_size, 3]] * batch_size)

        @tf.function(input_signature=[tf.TensorSpec([batch_size, input_size, input_size, 3])], autograph=False)
        def infer(batch):
            with inference_phase(model):
                found = model.postprocess(model.predict(batch, shape), shape)
            return found["detection_boxes"], found["detection_scores"], found["detection_classes"]

        self._infer = infer

    def __call__(self, images: Sequence[np.ndarray]) -> list[Detection]:
        """images: (height, width, 3) uint8 of any size. For each: boxes_yxyx (100, 4) in 0..1, scores (100,) from high to
        low, class_ids (100,) from 1. Rows beyond the detections have score 0."""
        found: list[Detection] = []
        for start in range(0, len(images), self.batch_size):
            chosen = images[start : start + self.batch_size]
            batch = np.zeros((self.batch_size, self.input_size, self.input_size, 3), np.float32)
            for row, image in enumerate(chosen):
                batch[row] = model_input(image, self.input_size)
            boxes, scores, classes = (t.numpy()[: len(chosen)] for t in self._infer(batch))
            found += [(b, s, c.astype(np.int64) + 1) for b, s, c in zip(boxes, scores, classes, strict=True)]
        return found


class inference_phase:
    """Within it the model predicts and does not learn: the OD API's batch norm follows Keras's global learning phase."""

    def __init__(self, model) -> None:
        self.model = model

    def __enter__(self) -> None:
        self._was_training = self.model._is_training
        set_phase(self.model, training=False)

    def __exit__(self, *_) -> None:
        set_phase(self.model, training=self._was_training)


def set_phase(model, *, training: bool) -> None:
    """Inside a traced function the phase is fixed at tracing, so every function that predicts has to set it."""
    model._is_training = training
    backend.deprecated_internal_set_learning_phase(training)


def load(folder: Path, batch_size: int = 8) -> Detector:
    """The trained model of a folder that `boxwright train` wrote."""
    model, recipe = models.load(folder)
    return Detector(model, recipe.input_size, batch_size)

"""Inference with a trained model."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tensorflow as tf

from boxwright.core.od_api import detection_model
from boxwright.core.od_api.detection_model import DetectionModel, set_phase
from boxwright.core.od_api.image_preprocessing import model_input

Detection = tuple[np.ndarray, np.ndarray, np.ndarray]


class Detector:
    """Runs a model on images, in batches of a fixed size, so that the graph is traced once.

    model: may also be in training; inference does not change its batch-norm statistics. input_size: side in pixels.
    """

    def __init__(self, model: DetectionModel, input_size: int, batch_size: int = 8) -> None:
        self.input_size = input_size
        self.batch_size = batch_size
        shape = tf.constant([[input_size, input_size, 3]] * batch_size)

        @tf.function(input_signature=[tf.TensorSpec([batch_size, input_size, input_size, 3])], autograph=False)
        def infer(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            with inference_phase(model):
                found = model.postprocess(model.predict(batch, shape), shape)
            return found["detection_boxes"], found["detection_scores"], found["detection_classes"]

        self._infer = infer

    def __call__(self, images: Sequence[np.ndarray]) -> list[Detection]:
        """images: (height, width, 3) uint8 of any size.

        Returns for each image boxes_yxyx (100, 4) in 0..1, scores (100,) from high to low, and class_ids (100,) from 1.
        Rows after the last detection have score 0.
        """
        found: list[Detection] = []
        for start in range(0, len(images), self.batch_size):
            chosen = images[start : start + self.batch_size]
            batch = np.zeros((self.batch_size, self.input_size, self.input_size, 3), np.float32)
            for row, image in enumerate(chosen):
                batch[row] = model_input(image, self.input_size)
            boxes, scores, classes = (tensor.numpy()[: len(chosen)] for tensor in self._infer(tf.constant(batch)))
            found += [(b, s, c.astype(np.int64) + 1) for b, s, c in zip(boxes, scores, classes, strict=True)]
        return found


@contextmanager
def inference_phase(model: DetectionModel) -> Iterator[None]:
    """Inside the block, the model is in the inference phase; afterwards it returns to its former phase."""
    was_training = model._is_training
    set_phase(model, training=False)
    try:
        yield
    finally:
        set_phase(model, training=was_training)


def load(folder: Path, batch_size: int = 8) -> Detector:
    """The detector of a folder that `boxwright train` wrote. Raises UserError if it holds no model or a damaged one."""
    model, recipe = detection_model.load(folder)
    return Detector(model, recipe.input_size, batch_size)

"""Writes a trained model as TensorFlow SavedModels: one for serving, one for the TFLite converter."""

from pathlib import Path
from typing import Any

import tensorflow as tf
from object_detection import export_tflite_graph_lib_tf2, exporter_lib_v2

from boxwright.core.coco_eval import MOST_DETECTIONS
from boxwright.core.od_api.detection_model import DetectionModel
from boxwright.core.od_api.detector import inference_phase
from boxwright.core.od_api.pipeline_config import pipeline_config
from boxwright.core.recipe import Recipe


def save_for_serving(model: DetectionModel, folder: Path) -> None:
    """Writes a SavedModel whose input `input_tensor` is one uint8 image (1, height, width, 3) of any size.

    Its outputs include `detection_boxes` (1, 100, 4) yxyx in 0..1, `detection_scores` (1, 100), and `detection_classes`
    (1, 100) from 1.
    """
    module = exporter_lib_v2.DetectionFromImageModule(model)
    with inference_phase(model):
        tf.saved_model.save(module, str(folder), signatures=module.__call__.get_concrete_function())
    # The file is optional and holds a random number. With it, equal models would have a different digest in every run.
    (folder / "fingerprint.pb").unlink()


def save_for_tflite(model: DetectionModel, recipe: Recipe, folder: Path) -> None:
    """Writes a SavedModel that ends in TFLite_Detection_PostProcess. Its input is (1, size, size, 3) float32 in -1..1.

    It uses the op's regular non-maximum suppression, which handles each class separately, like the trained model. The fast
    suppression keeps only the best class of a box, and a detection of one class can suppress that of another.
    """
    config = pipeline_config(recipe)
    module = export_tflite_graph_lib_tf2.SSDModule(config, model, MOST_DETECTIONS, use_regular_nms=True)
    image = tf.TensorSpec(module.input_shape(), tf.float32, name="input")
    inference: Any = module.inference_fn  # a tf.function
    with inference_phase(model):
        tf.saved_model.save(module, str(folder), signatures=inference.get_concrete_function(image))

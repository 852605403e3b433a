"""The trained model as TensorFlow SavedModels: one to serve, one for the TFLite converter."""

from boxwright.core.od_api import compat  # noqa: F401, I001

from pathlib import Path
from typing import Any

import tensorflow as tf
from object_detection import export_tflite_graph_lib_tf2, exporter_lib_v2
from object_detection.protos import pipeline_pb2

from boxwright.core.coco_eval import MOST_DETECTIONS
from boxwright.core.od_api.detector import inference_phase


def save_serving(model: Any, folder: Path) -> None:
    """A SavedModel that takes `input_tensor`, one uint8 image (1, height, width, 3) of any size, and gives
    `detection_boxes` (yxyx in 0..1), `detection_scores` and `detection_classes` (from 1)."""
    module = exporter_lib_v2.DetectionFromImageModule(model)
    with inference_phase(model):
        tf.saved_model.save(module, str(folder), signatures=module.__call__.get_concrete_function())
    # An optional file with a random number: the same model would have another digest in every run.
    (folder / "fingerprint.pb").unlink()


def save_for_tflite(model: Any, config: pipeline_pb2.TrainEvalPipelineConfig, folder: Path) -> None:
    """A SavedModel that takes the preprocessed image and ends in TFLite_Detection_PostProcess.

    With its regular NMS, one class at a time as in training: the fast one keeps the best class of a box only and lets a
    detection of one class suppress that of another.
    """
    module = export_tflite_graph_lib_tf2.SSDModule(config, model, MOST_DETECTIONS, use_regular_nms=True)
    image = tf.TensorSpec(module.input_shape(), tf.float32, name="input")
    with inference_phase(model):
        tf.saved_model.save(module, str(folder), signatures=module.inference_fn.get_concrete_function(image))

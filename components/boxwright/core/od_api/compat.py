"""Makes tf-object-detection-api 0.1 (2022) importable on TensorFlow 2.21: import this before `object_detection`.

Each part names what broke and since when, so that it can go when it is no longer needed.
"""

import contextlib
import os
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import ImageFont

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextlib.contextmanager
def _without_stderr() -> Iterator[None]:
    """TensorFlow 2.21 greets on stderr, at any log level, while it is imported."""
    kept = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


with _without_stderr():
    import tensorflow as tf
    from tensorflow.python.ops import control_flow_ops


class _Absent:
    """Stands for a class of an absent library where the OD API only names it; calling it is an error worth reading."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError("this part of the Object Detection API needs a library that Boxwright does without")


def _module(name: str, **attributes: Any) -> types.ModuleType:
    """Registers an empty package under its dotted name, its parents included."""
    parent, _, leaf = name.rpartition(".")
    if parent and parent not in sys.modules:
        _module(parent)
    module = sys.modules.get(name) or types.ModuleType(name)
    module.__path__ = []
    module.__dict__.update(attributes)
    sys.modules[name] = module
    if parent:
        setattr(sys.modules[parent], leaf, module)
    return module


def _without_estimator() -> None:
    """tf.estimator went in TF 2.16; the OD API's TF2 path names its classes and modes only."""
    names = ("EstimatorSpec", "Estimator", "RunConfig", "TrainSpec", "EvalSpec", "FinalExporter", "Exporter")
    estimator = types.ModuleType("tensorflow.compat.v1.estimator")
    estimator.__dict__.update(dict.fromkeys(names, _Absent))
    estimator.ModeKeys = types.SimpleNamespace(TRAIN="train", EVAL="eval", PREDICT="infer")
    estimator.export = types.SimpleNamespace(ServingInputReceiver=_Absent, TensorServingInputReceiver=_Absent)
    estimator.tpu = types.SimpleNamespace(TPUEstimator=_Absent, TPUEstimatorSpec=_Absent, RunConfig=_Absent)
    sys.modules["tensorflow.compat.v1.estimator"] = estimator
    tf.compat.v1.estimator = estimator


def _without_optional_libraries() -> None:
    """tensorflow_io (DeepMAC), lvis (LVIS metrics), official (EfficientNet, moving-average optimiser): no SSD needs them."""
    _module("tensorflow_io")
    _module("lvis.results", LVISResults=_Absent)
    _module("lvis.eval", LVISEval=_Absent)
    _module("lvis.lvis", LVIS=_Absent)
    _module("official.legacy.image_classification.efficientnet.efficientnet_model")
    _module("official.modeling.optimization.ema_optimizer", ExponentialMovingAverage=_Absent)


def _old_names() -> None:
    """Names that moved: numpy 1.24 dropped np.float and friends, TF 2.13 moved cond/case, Pillow 10 dropped getsize."""
    for name, builtin in (("float", float), ("int", int), ("object", object)):
        if name not in np.__dict__:
            setattr(np, name, builtin)
    for name in ("case", "cond", "while_loop"):
        if not hasattr(control_flow_ops, name):
            setattr(control_flow_ops, name, getattr(tf.compat.v1, name))
    for font in (ImageFont.FreeTypeFont, ImageFont.ImageFont):
        if not hasattr(font, "getsize"):
            font.getsize = _getsize


def _getsize(font: Any, text: str, *args: Any, **kwargs: Any) -> tuple[int, int]:
    left, top, right, bottom = font.getbbox(text, *args, **kwargs)
    return right - left, bottom - top


_without_estimator()
_without_optional_libraries()
_old_names()
tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)

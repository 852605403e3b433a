"""Makes tf-object-detection-api 0.1 (2022) importable on TensorFlow 2.21.

`boxwright.core.od_api` imports this module first. Each function states what broke and in which version, so that it can be
deleted when it is no longer needed.
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
    """Discards stderr inside the block. TensorFlow 2.21 prints messages there on import, at every log level."""
    stderr = os.dup(2)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


with _without_stderr():
    import tensorflow as tf
    from tensorflow.python.ops import control_flow_ops


class _MissingLibrary:
    """Replaces a class of a library that is not installed. The OD API refers to it; creating an instance raises an error."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError(
            "this part of the Object Detection API needs a library that Boxwright does not install"
        )


def _stub_module(name: str, **attributes: Any) -> None:
    """Registers an empty package and its parents in sys.modules. name: dotted. attributes: names in the package."""
    parent, _, leaf = name.rpartition(".")
    if parent and parent not in sys.modules:
        _stub_module(parent)
    module = sys.modules.get(name) or types.ModuleType(name)
    module.__path__ = []
    module.__dict__.update(attributes)
    sys.modules[name] = module
    if parent:
        setattr(sys.modules[parent], leaf, module)


def _stub_estimator() -> None:
    """TF 2.16 removed tf.estimator. The OD API's TF2 code refers to its classes and modes, but does not use them."""
    names = ("EstimatorSpec", "Estimator", "RunConfig", "TrainSpec", "EvalSpec", "FinalExporter", "Exporter")
    missing = _MissingLibrary
    estimator = types.ModuleType("tensorflow.compat.v1.estimator")
    estimator.__dict__.update(dict.fromkeys(names, missing))
    estimator.__dict__.update(
        ModeKeys=types.SimpleNamespace(TRAIN="train", EVAL="eval", PREDICT="infer"),
        export=types.SimpleNamespace(ServingInputReceiver=missing, TensorServingInputReceiver=missing),
        tpu=types.SimpleNamespace(TPUEstimator=missing, TPUEstimatorSpec=missing, RunConfig=missing),
    )
    sys.modules["tensorflow.compat.v1.estimator"] = estimator
    vars(tf.compat.v1)["estimator"] = estimator


def _stub_optional_libraries() -> None:
    """Replaces libraries that SSD does not need: tensorflow_io (DeepMAC), lvis (LVIS metrics), official (EfficientNet,
    moving-average optimiser)."""
    _stub_module("tensorflow_io")
    _stub_module("lvis.results", LVISResults=_MissingLibrary)
    _stub_module("lvis.eval", LVISEval=_MissingLibrary)
    _stub_module("lvis.lvis", LVIS=_MissingLibrary)
    _stub_module("official.legacy.image_classification.efficientnet.efficientnet_model")
    _stub_module("official.modeling.optimization.ema_optimizer", ExponentialMovingAverage=_MissingLibrary)


def _restore_old_names() -> None:
    """NumPy 1.24 removed np.float, np.int and np.object. TF 2.13 moved cond, case and while_loop. Pillow 10 removed getsize."""
    for name, builtin in (("float", float), ("int", int), ("object", object)):
        if name not in np.__dict__:
            setattr(np, name, builtin)
    for name in ("case", "cond", "while_loop"):
        if not hasattr(control_flow_ops, name):
            setattr(control_flow_ops, name, getattr(tf.compat.v1, name))
    for font in (ImageFont.FreeTypeFont, ImageFont.ImageFont):
        if not hasattr(font, "getsize"):
            setattr(font, "getsize", _getsize)  # noqa: B010  (pyright does not know the attribute)


def _getsize(font: Any, text: str, *args: Any, **kwargs: Any) -> tuple[int, int]:
    left, top, right, bottom = font.getbbox(text, *args, **kwargs)
    return right - left, bottom - top


_stub_estimator()
_stub_optional_libraries()
_restore_old_names()
tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)

"""Makes training on a CPU deterministic, bit for bit."""

import functools
from collections.abc import Sequence
from typing import Any

from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import backprop

from boxwright.core.od_api import tf

_DEFAULT_AGGREGATION = backprop._default_vspace.aggregate_fn


def enable() -> None:
    """Enables determinism in this process. It does nothing if there is a GPU, where some operations are not deterministic."""
    if tf.config.list_physical_devices("GPU"):
        return
    tf.config.experimental.enable_op_determinism()
    # The shared predictor's variables get a gradient from each of six feature maps. TensorFlow sums them with AddN, whose order
    # depends on which tensors' buffers it can reuse at that moment. The arithmetic optimizer turns every sum into an AddN.
    pywrap_tfe.TFE_Py_RegisterVSpace(backprop._default_vspace._replace(aggregate_fn=_sum_in_order))
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})


def _sum_in_order(gradients: Sequence[Any]) -> Any:
    """The sum of the gradients in their order. IndexedSlices (of embeddings) go to TensorFlow's own function."""
    if all(isinstance(one, tf.Tensor) for one in gradients):
        return functools.reduce(tf.add, gradients)
    return _DEFAULT_AGGREGATION(gradients)

"""Makes a training repeatable to the last bit on a CPU, where every operation that it uses has a deterministic form."""

import functools
from collections.abc import Sequence
from typing import Any

from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import backprop

from boxwright.core.od_api import tf

_DEFAULT_AGGREGATION = backprop._default_vspace.aggregate_fn


def enable() -> None:
    """For this process, unless it has a GPU: some operations have no deterministic form there."""
    if tf.config.list_physical_devices("GPU"):
        return
    tf.config.experimental.enable_op_determinism()
    # The predictor's variables serve six feature maps. AddN, which sums their gradients, starts with whichever tensor no one
    # else holds in memory at that moment. The arithmetic optimizer turns every sum into an AddN.
    pywrap_tfe.TFE_Py_RegisterVSpace(backprop._default_vspace._replace(aggregate_fn=_sum_in_order))
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})


def _sum_in_order(gradients: Sequence[Any]) -> Any:
    """The sum of tensors. IndexedSlices, which embeddings have, are added by TensorFlow's own function."""
    if all(isinstance(one, tf.Tensor) for one in gradients):
        return functools.reduce(tf.add, gradients)
    return _DEFAULT_AGGREGATION(gradients)

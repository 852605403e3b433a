"""The same training twice, to the last bit: on a processor, where every operation that it is made of has such a form."""

import functools
from collections.abc import Sequence

import tensorflow as tf
from tensorflow.python import pywrap_tfe
from tensorflow.python.eager import backprop

_usual = backprop._default_vspace.aggregate_fn


def make() -> None:
    """For this process, unless there is a GPU: on that, some operations have no repeatable form."""
    if tf.config.list_physical_devices("GPU"):
        return
    tf.config.experimental.enable_op_determinism()
    # The predictor's variables serve six feature maps. AddN, which adds up their gradients, begins with whichever it finds in
    # memory that nobody else holds at that moment; and the arithmetic optimizer makes AddN of all that is a sum.
    pywrap_tfe.TFE_Py_RegisterVSpace(backprop._default_vspace._replace(aggregate_fn=_in_order))
    tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})


def _in_order(gradients: Sequence[tf.Tensor]) -> tf.Tensor:
    """Their sum. Of IndexedSlices, as embeddings have them, TensorFlow's own."""
    return (
        functools.reduce(tf.add, gradients)
        if all(isinstance(one, tf.Tensor) for one in gradients)
        else _usual(gradients)
    )

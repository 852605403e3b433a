"""The OD API's options under a seed: nothing in their graphs is left to TensorFlow's stateful generators."""

from boxwright.core.od import compat  # noqa: F401, I001  (first: the OD API does not import without it)

import pytest
import tensorflow as tf
from object_detection.core import standard_fields
from object_detection.protos import preprocessor_pb2

from boxwright.core.od import augmenter, draws
from boxwright.core.recipe import Augmentation

FIELDS = standard_fields.InputDataFields
OPTIONS = [option.name for option in preprocessor_pb2.PreprocessingStep.DESCRIPTOR.oneofs_by_name["preprocessing_step"].fields]
NEEDED = {
    "random_horizontal_flip": {"probability": 0.5},
}


def traced(recipe):
    @tf.function(input_signature=[tf.TensorSpec([2], tf.int32)])
    def run(seed):
        done = augmenter.preprocessed(
            {
                FIELDS.image: tf.zeros([40, 60, 3], tf.uint8),
                FIELDS.groundtruth_boxes: tf.constant([[0.2, 0.2, 0.6, 0.6]]),
                FIELDS.groundtruth_classes: tf.constant([1], tf.int64),
                FIELDS.groundtruth_weights: tf.ones([1]),
            },
            recipe,
            seed,
        )
        return done[FIELDS.image]

    return run.get_concrete_function()


def random_operations(function):
    graphs = [function.graph, *(f.graph for f in function.graph._functions.values() if hasattr(f, "graph"))]
    return {op.type for graph in graphs for op in graph.get_operations() if op.type in STATEFUL}


STATEFUL = {"RandomUniform", "RandomUniformInt", "RandomStandardNormal", "RandomShuffle", "SampleDistortedBoundingBoxV2"}


@pytest.mark.parametrize("name", OPTIONS)
def test_no_option_draws_by_itself(name, tiny_recipe):
    try:
        function = traced(tiny_recipe.model_copy(update={"augmentation": (Augmentation(name=name, reason=""),)}))
    except Exception as error:
        pytest.skip(str(error)[:100])
    definition = function.graph.as_graph_def()
    operations = {node.op for f in definition.library.function for node in f.node_def} | {n.op for n in definition.node}
    assert not operations & STATEFUL

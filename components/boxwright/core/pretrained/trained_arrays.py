"""Reads the arrays of a model that `boxwright train` wrote, by TF-slim variable name, without building the model.

A checkpoint of TF 2 names its variables in a graph of objects. Sources: tensorflow/core/protobuf/trackable_object_graph.proto,
tensorflow/core/util/tensor_bundle/tensor_bundle.cc (the layout of a text).
"""

from pathlib import Path

import numpy as np
from google.protobuf.message import DecodeError

from boxwright.core import recipe as recipes
from boxwright.core.foreign_files import checkpoint_files, weight_files
from boxwright.core.foreign_files.checkpoint_files import OBJECT_GRAPH, Checkpoint
from boxwright.core.foreign_files.checkpoint_table import varint
from boxwright.core.pretrained.pretrained_model import CHECKPOINT, RECIPE
from boxwright.core.pretrained.slim_names import slim_name
from boxwright.core.runtime.errors import UserError, brief

_CRC_BYTES = 4


def is_model(path: Path) -> bool:
    """Whether it is a folder as train writes it."""
    return (path / RECIPE).is_file() and checkpoint_files.latest(path / CHECKPOINT) is not None


def read(folder: Path) -> dict[str, np.ndarray]:
    """The arrays of the network by TF-slim variable name. Raises UserError if the checkpoint is damaged."""
    grid = recipes.read(folder / RECIPE).grid
    latest = checkpoint_files.latest(folder / CHECKPOINT)
    try:
        if latest is None:
            raise ValueError("it has no checkpoint")
        checkpoint = checkpoint_files.check(latest, weight_files.most_bytes())
        return {slim_name(name, grid): checkpoint.read(key) for name, key in _variables(checkpoint).items()}
    except (OSError, ValueError, DecodeError) as error:
        raise UserError(
            f"{folder}: the checkpoint is damaged ({brief(error)}); copy it again, or train again"
        ) from None


def _variables(checkpoint: Checkpoint) -> dict[str, str]:
    """The key of each variable of numbers by its Keras name. Raises ValueError or DecodeError if the graph is damaged."""
    # It imports TensorFlow, which takes 3 seconds.
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    if OBJECT_GRAPH not in checkpoint.arrays or not checkpoint.arrays[OBJECT_GRAPH].is_text:
        raise ValueError("it has no graph of objects")
    content = checkpoint.content(OBJECT_GRAPH)
    _, at = varint(content, 0)
    graph = TrackableObjectGraph.FromString(content[at + _CRC_BYTES :])
    named = ((a.full_name, a.checkpoint_key) for node in graph.nodes for a in node.attributes if a.full_name)
    return {name: key for name, key in named if key in checkpoint.arrays and not checkpoint.arrays[key].is_text}

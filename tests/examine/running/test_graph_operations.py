# environment: train
"""A graph that reads or writes files, calls Python, or opens a connection is not run."""

import os

import pytest
import tensorflow as tf

from boxwright.core.runtime.errors import UserError
from boxwright.examine.running.graph_source import GraphSource


def saved(folder, add) -> None:
    """A SavedModel whose outputs are those of a detector. add: what its function does besides."""

    @tf.function(input_signature=[tf.TensorSpec((1, None, None, 3), tf.uint8)])
    def infer(input_tensor):
        extra = add(input_tensor)
        return {
            "detection_boxes": tf.zeros((1, 5, 4)) + extra,
            "detection_scores": tf.zeros((1, 5)),
            "detection_classes": tf.ones((1, 5)),
            "num_detections": tf.constant([5.0]),
        }

    module = tf.Module()
    module.infer = infer  # pyright: ignore[reportAttributeAccessIssue]  (a module takes any)
    tf.saved_model.save(module, str(folder), signatures=infer)


def written(image):
    tf.io.write_file("written", "x")
    return tf.cast(image[0, 0, 0, 0], tf.float32) * 0


HOSTILE = {
    "writes": (written, "WriteFile"),
    "reads": (lambda image: tf.strings.to_number(tf.io.read_file("/etc/hostname")), "ReadFile"),
    "python": (lambda image: tf.py_function(lambda: 0.0, [], tf.float32), "EagerPyFunc"),
    "prints": (lambda image: tf.raw_ops.Print(input=tf.constant(0.0), data=[image]), "Print"),
    "in a branch": (lambda image: tf.cond(image[0, 0, 0, 0] > 3, lambda: written(image), lambda: 0.0), "WriteFile"),
}


@pytest.mark.parametrize(("add", "name"), HOSTILE.values(), ids=HOSTILE)
def test_a_graph_that_does_more_is_refused(tmp_path, add, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    saved(tmp_path / "model", add)
    with pytest.raises(UserError, match=f"does not run.*{name}"):
        GraphSource(tmp_path / "model")
    assert not os.path.exists("written")


def test_a_graph_that_computes_is_run(tmp_path):
    saved(tmp_path / "model", lambda image: tf.cast(image[0, 0, 0, 0], tf.float32) * 0)
    detector = GraphSource(tmp_path / "model").detector
    assert (detector.takes, detector.scales_itself, detector.first_class) == ("uint8", True, 1)


def test_a_damaged_graph_is_refused(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "saved_model.pb").write_bytes(b"\xff" * 100)
    with pytest.raises(UserError, match="is damaged"):
        GraphSource(tmp_path / "model")

"""The OD API's `TfExampleDecoder` for the records that convert writes: the same tensors, without what these never hold.

Asked for every feature that it knows, in sparse form, the OD API's takes as long as a part of a JPEG.
"""

from boxwright.core.od_api import compat  # noqa: F401, I001

import tensorflow as tf
from object_detection.core import standard_fields

_FIELDS = standard_fields.InputDataFields
_ONE = {
    "source_id": tf.string,
    "key/sha256": tf.string,
    "filename": tf.string,
    "encoded": tf.string,
    "height": tf.int64,
    "width": tf.int64,
}
_SIDES = tuple(f"object/bbox/{side}" for side in ("ymin", "xmin", "ymax", "xmax"))
_MANY = dict.fromkeys((*_SIDES, "object/area"), tf.float32)
_MANY |= dict.fromkeys((f"object/{what}" for what in ("class/label", "is_crowd", "difficult")), tf.int64)
_FEATURES = {f"image/{name}": tf.io.FixedLenFeature([], kind) for name, kind in _ONE.items()}
_FEATURES |= {f"image/{name}": tf.io.RaggedFeature(kind) for name, kind in _MANY.items()}
# Of whole images, and of groups: no format that convert reads says such things.
_NEVER = {
    _FIELDS.groundtruth_group_of: tf.bool,
    _FIELDS.groundtruth_image_classes: tf.int64,
    _FIELDS.groundtruth_image_confidences: tf.float32,
    _FIELDS.groundtruth_verified_neg_classes: tf.int64,
    _FIELDS.groundtruth_not_exhaustive_classes: tf.int64,
}


def decode(example: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """(tensors by the OD API's names for n objects, the encoded image), of a serialized tf.train.Example; boxes (n, 4) in 0..1.

    The size is the one in the record: the image is not decoded.
    """
    parsed = tf.io.parse_single_example(example, _FEATURES)
    found = {name.removeprefix("image/"): value for name, value in parsed.items()}
    boxes = tf.stack([found[side] for side in _SIDES], 1)
    tensors = {
        _FIELDS.source_id: found["source_id"],
        _FIELDS.key: found["key/sha256"],
        _FIELDS.filename: found["filename"],
        _FIELDS.original_image_spatial_shape: tf.cast(tf.stack([found["height"], found["width"]]), tf.int32),
        _FIELDS.groundtruth_boxes: boxes,
        _FIELDS.groundtruth_classes: found["object/class/label"],
        _FIELDS.groundtruth_weights: tf.ones_like(boxes[:, 0]),
        _FIELDS.groundtruth_area: found["object/area"],
        _FIELDS.groundtruth_is_crowd: tf.cast(found["object/is_crowd"], tf.bool),
        _FIELDS.groundtruth_difficult: found["object/difficult"],
    }
    return tensors | {name: tf.zeros([0], kind) for name, kind in _NEVER.items()}, found["encoded"]

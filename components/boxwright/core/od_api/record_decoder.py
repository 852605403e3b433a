"""The OD API's `TfExampleDecoder` for the records that convert writes.

It returns the same tensors, but parses only the features that convert writes. The OD API's decoder parses every feature of its
schema as a sparse tensor, which takes a considerable part of the time of decoding a JPEG.
"""

import tensorflow as tf

from boxwright.core.od_api.fields import Fields

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
# Labels of whole images and of groups of objects. convert never writes them.
_ALWAYS_EMPTY = {
    Fields.groundtruth_group_of: tf.bool,
    Fields.groundtruth_image_classes: tf.int64,
    Fields.groundtruth_image_confidences: tf.float32,
    Fields.groundtruth_verified_neg_classes: tf.int64,
    Fields.groundtruth_not_exhaustive_classes: tf.int64,
}


def decode(example: tf.Tensor) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
    """Parses a serialized tf.train.Example. Returns tensors by the OD API's names, and the encoded JPEG or PNG.

    Boxes are (n, 4) yxyx in 0..1; the other tensors of objects are (n,). The image size, (2,) int32, is read from the record,
    so the image is not decoded.
    """
    parsed = tf.io.parse_single_example(example, _FEATURES)
    found = {name.removeprefix("image/"): value for name, value in parsed.items()}
    boxes = tf.stack([found[side] for side in _SIDES], 1)
    tensors = {
        Fields.source_id: found["source_id"],
        Fields.key: found["key/sha256"],
        Fields.filename: found["filename"],
        Fields.original_image_spatial_shape: tf.cast(tf.stack([found["height"], found["width"]]), tf.int32),
        Fields.groundtruth_boxes: boxes,
        Fields.groundtruth_classes: found["object/class/label"],
        Fields.groundtruth_weights: tf.ones_like(boxes[:, 0]),
        Fields.groundtruth_area: found["object/area"],
        Fields.groundtruth_is_crowd: tf.cast(found["object/is_crowd"], tf.bool),
        Fields.groundtruth_difficult: found["object/difficult"],
    }
    return tensors | {name: tf.zeros([0], kind) for name, kind in _ALWAYS_EMPTY.items()}, found["encoded"]

"""One image as a tf.train.Example in the TF Object Detection API schema."""

import hashlib

from tensorflow.core.example.example_pb2 import Example

from boxwright.convert.pixels import Stored
from boxwright.convert.plan import PlannedImage


def serialize(image: PlannedImage, stored: Stored, class_ids: dict[str, int]) -> bytes:
    """The names and types are those of `object_detection/dataset_tools/create_coco_tf_record.py`.

    `area` is that of the box in pixels: segments are not kept.
    """
    objects = image.objects
    example = Example()
    features = example.features.feature
    for name, value in (("height", image.height), ("width", image.width)):
        features[f"image/{name}"].int64_list.value.append(value)
    texts = {
        "filename": image.image.filename.encode(),
        "source_id": str(image.image_id).encode(),
        "key/sha256": hashlib.sha256(stored.encoded).hexdigest().encode(),
        "encoded": stored.encoded,
        "format": stored.format.encode(),
    }
    for name, text in texts.items():
        features[f"image/{name}"].bytes_list.value.append(text)
    for position, side in enumerate(("ymin", "xmin", "ymax", "xmax")):
        features[f"image/object/bbox/{side}"].float_list.value.extend(o.box_yxyx[position] for o in objects)
    features["image/object/class/text"].bytes_list.value.extend(o.name.encode() for o in objects)
    features["image/object/class/label"].int64_list.value.extend(class_ids[o.name] for o in objects)
    features["image/object/view"].bytes_list.value.extend(b"Unspecified" for _ in objects)
    for name, attribute in (("difficult", "difficult"), ("truncated", "truncated"), ("is_crowd", "crowd")):
        features[f"image/object/{name}"].int64_list.value.extend(int(getattr(o, attribute)) for o in objects)
    features["image/object/area"].float_list.value.extend(area(o.box_yxyx, image) for o in objects)
    return example.SerializeToString(deterministic=True)


def area(box_yxyx: tuple[float, float, float, float], image: PlannedImage) -> float:
    """Square pixels."""
    top, left, bottom, right = box_yxyx
    return (bottom - top) * image.height * (right - left) * image.width

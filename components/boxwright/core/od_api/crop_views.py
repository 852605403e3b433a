"""The OD API's flips and crops on numbers in place of pixels: what of a stored image is seen, so that no more is decoded.

Boxes, and for the same random numbers pixels, are the OD API's bit for bit.
"""

from boxwright.core.od_api import compat  # noqa: F401, I001

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import tensorflow as tf
from object_detection.core import box_list, box_list_ops, preprocessor, standard_fields

_FIELDS = standard_fields.InputDataFields
# What the OD API keeps beside each box when it crops.
_OF_BOXES = [getattr(_FIELDS, f"groundtruth_{what}") for what in ("boxes", "classes", "weights", "confidences")]
# Settings of random_crop_image that differ between the cases of ssd_random_crop, and those that do not.
_PER_CASE = ("min_object_covered", "overlap_thresh", "random_coef")
_OF_ALL_CASES = ("aspect_ratio_range", "area_range", "clip_boxes")


class View(NamedTuple):
    """window: (4,) int32, top, left, height, width in the stored image; mirrored: (2,) bool, its rows, its columns."""

    window: tf.Tensor
    mirrored: tf.Tensor


def whole(size: tf.Tensor) -> View:
    """All of an image of `size`, (2,) int32 height and width."""
    return View(tf.concat([[0, 0], size], 0), tf.constant([False, False]))


def pixels(encoded: tf.Tensor, size: tf.Tensor, view: View) -> tf.Tensor:
    """What is seen of a stored JPEG or PNG of `size`, (h, w, 3) uint8; of a JPEG no more is decoded than the window."""
    top, left, height, width = tf.unstack(view.window)
    # At the ends of a window the decoder lacks the neighbour that it smooths colours with: a column more, and cut off again.
    begin, end = tf.maximum(left - 1, 0), tf.minimum(left + width + 1, size[1])
    cut = tf.cond(
        tf.io.is_jpeg(encoded),
        lambda: tf.io.decode_and_crop_jpeg(encoded, [top, begin, height, end - begin], channels=3),
        lambda: tf.io.decode_image(encoded, 3, expand_animations=False)[top : top + height, begin:end],
    )
    return _turned(tf.ensure_shape(cut, [None, None, 3])[:, left - begin : left - begin + width], view.mirrored)


def pixels_of(image: tf.Tensor, view: View) -> tf.Tensor:
    """What is seen of a decoded image, (h, w, 3) of its type."""
    top, left, height, width = tf.unstack(view.window)
    return _turned(image[top : top + height, left : left + width], view.mirrored)


def _turned(image: tf.Tensor, mirrored: tf.Tensor) -> tf.Tensor:
    for axis in (0, 1):
        image = tf.cond(
            mirrored[axis], lambda image=image, axis=axis: tf.reverse(image, [axis]), lambda image=image: image
        )
    return image


Change = Callable[[dict[str, tf.Tensor], View, tf.Tensor, Iterator[int]], tuple[dict[str, tf.Tensor], View]]


def change(function, settings: dict) -> Change | None:
    """(tensors by the OD API's names, view, seed, numbers of draws) -> the tensors and the view after this option of the OD
    API's; None where the option does more than to flip or to crop."""
    given = {n: p.default for n, p in inspect.signature(function).parameters.items()} | settings
    if function is preprocessor.random_horizontal_flip:
        return lambda *now: _flip(*now, 1, given["probability"])
    if function is preprocessor.random_vertical_flip:
        return lambda *now: _flip(*now, 0, given["probability"])
    if function is preprocessor.random_crop_image:
        return lambda *now: _crop(*now, given | {name: [given[name]] for name in _PER_CASE})
    if function is preprocessor.ssd_random_crop and not settings:
        return lambda *now: _crop(*now, given | {name: given[name][0] for name in _OF_ALL_CASES})
    return None


def _flip(tensors, view: View, seed, numbers, axis: int, probability: float):
    flipped = _uniform(seed, next(numbers)) < probability
    boxes = tensors[_FIELDS.groundtruth_boxes]
    flip = preprocessor._flip_boxes_left_right if axis else preprocessor._flip_boxes_up_down
    turned = tf.constant([axis == 0, axis == 1]) & flipped
    return (
        tensors | {_FIELDS.groundtruth_boxes: tf.where(flipped, flip(boxes), boxes)},
        view._replace(mirrored=tf.math.logical_xor(view.mirrored, turned)),
    )


def _crop(tensors, view: View, seed, numbers, given: dict):
    """random_crop_image, by the settings of the case that is drawn where there are several. The numbers of its draws are those
    of the OD API's graph, which holds the draws of every case."""
    count, case = len(given["random_coef"]), tf.constant(0)
    if count > 1:
        case = tf.random.stateless_uniform([], _folded(seed, next(numbers)), maxval=count, dtype=tf.int32)
    sometimes = given["random_coef"][0] >= sys.float_info.min
    drawn = [next(numbers) for _ in range(count * (1 + sometimes))]
    first = drawn[0] + case * (1 + sometimes)
    chosen = given | {name: tf.gather(tf.constant(given[name], tf.float32), case) for name in _PER_CASE}
    names = [name for name in _OF_BOXES if name in tensors]

    def cropped():
        return _cropped({name: tensors[name] for name in names}, view, _folded(seed, first + sometimes), chosen)

    if not sometimes:
        done, window = cropped()
    else:
        crops = _uniform(seed, first) > chosen["random_coef"]
        done, window = tf.cond(crops, cropped, lambda: ({name: tensors[name] for name in names}, view.window))
    return tensors | done, view._replace(window=window)


def _cropped(tensors, view: View, seed, given: dict):
    """preprocessor._strict_random_crop_image."""
    boxes = tensors[_FIELDS.groundtruth_boxes]
    begin, size, box = tf.image.stateless_sample_distorted_bounding_box(
        tf.concat([view.window[2:], [3]], 0),
        tf.clip_by_value(boxes, 0.0, 1.0)[:, None],
        seed,
        min_object_covered=given["min_object_covered"],
        aspect_ratio_range=given["aspect_ratio_range"],
        area_range=given["area_range"],
        max_attempts=100,
        use_image_if_no_bounding_boxes=True,
    )
    boxlist = box_list.BoxList(boxes)
    share = box_list_ops.ioa(box_list.BoxList(box[0]), boxlist)[0]
    outside = tf.reduce_any((boxes[:, :2] >= box[0, 0, 2:]) | (boxes[:, 2:] <= box[0, 0, :2]), 1)
    kept = tf.where(~outside & (share >= given["overlap_thresh"]))[:, 0]
    tensors = {name: tf.gather(tensor, kept) for name, tensor in tensors.items()}
    moved = box_list_ops.change_coordinate_frame(box_list.BoxList(tensors[_FIELDS.groundtruth_boxes]), box[0, 0]).get()
    moved = tf.clip_by_value(moved, 0.0, 1.0) if given["clip_boxes"] else moved
    # Seen mirrored, the window's beginning is counted from the other end.
    begin, size = begin[:2], size[:2]
    begin = tf.where(view.mirrored, view.window[2:] - begin - size, begin)
    return tensors | {_FIELDS.groundtruth_boxes: moved}, tf.concat([view.window[:2] + begin, size], 0)


def _uniform(seed: tf.Tensor, number) -> tf.Tensor:
    return tf.random.stateless_uniform([], _folded(seed, number))


def _folded(seed: tf.Tensor, number) -> tf.Tensor:
    return tf.random.experimental.stateless_fold_in(seed, number)

"""The OD API's flips and crops, and our own crops, computed on coordinates, so that only the visible part of an image is decoded.

With the same random numbers, boxes and pixels equal those of the OD API's options, bit for bit.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import tensorflow as tf
from object_detection.core import box_list, box_list_ops, preprocessor

from boxwright.core.od_api.augmentation.stateless_random import fold_in
from boxwright.core.od_api.fields import Fields

Tensors = dict[str, tf.Tensor]
# Tensors with a row per box. The OD API filters them when it crops.
_PER_BOX = [getattr(Fields, f"groundtruth_{what}") for what in ("boxes", "classes", "weights", "confidences")]
# Settings of random_crop_image: those that differ between the cases of ssd_random_crop, and those that all cases share.
_PER_CASE = ("min_object_covered", "overlap_thresh", "random_coef")
_COMMON = ("aspect_ratio_range", "area_range", "clip_boxes")


class View(NamedTuple):
    """The visible part of a stored image.

    window: (4,) int32: top, left, height, width in pixels of the stored image. mirrored: (2,) bool: whether rows and columns
    are reversed.
    """

    window: tf.Tensor
    mirrored: tf.Tensor


def whole(size: tf.Tensor) -> View:
    """The view of a whole image. size: (2,) int32 height and width."""
    return View(tf.concat([[0, 0], size], 0), tf.constant([False, False]))


def pixels(encoded: tf.Tensor, size: tf.Tensor, view: View) -> tf.Tensor:
    """(h, w, 3) uint8: the visible pixels of an encoded JPEG or PNG. Only the window of a JPEG is decoded.

    size: (2,) int32 height and width of the whole image.
    """
    top, left, height, width = tf.unstack(view.window)
    # The decoder smooths colours with the neighbouring columns, so one more column on each side is decoded and cut off.
    begin, end = tf.maximum(left - 1, 0), tf.minimum(left + width + 1, size[1])
    cut = tf.cond(
        tf.io.is_jpeg(encoded),
        lambda: tf.io.decode_and_crop_jpeg(encoded, [top, begin, height, end - begin], channels=3),
        lambda: tf.io.decode_image(encoded, 3, expand_animations=False)[top : top + height, begin:end],
    )
    return _mirror(tf.ensure_shape(cut, [None, None, 3])[:, left - begin : left - begin + width], view.mirrored)


def pixels_of(image: tf.Tensor, view: View) -> tf.Tensor:
    """(h, w, 3): the visible pixels of a decoded image, in its type."""
    top, left, height, width = tf.unstack(view.window)
    return _mirror(image[top : top + height, left : left + width], view.mirrored)


def _mirror(image: tf.Tensor, mirrored: tf.Tensor) -> tf.Tensor:
    for axis in (0, 1):
        image = tf.cond(
            mirrored[axis], lambda image=image, axis=axis: tf.reverse(image, [axis]), lambda image=image: image
        )
    return image


Change = Callable[[Tensors, View, tf.Tensor, Iterator[int]], tuple[Tensors, View]]


def change(function: Callable, settings: dict[str, Any]) -> Change | None:
    """The OD API's option as a change of tensors and view, if it only flips or crops; else None.

    function, settings: the option, as preprocessor_builder.build returns it. The change takes (tensors by the OD API's names,
    view, seed, iterator of draw numbers) and returns (tensors, view).
    """
    given = {n: p.default for n, p in inspect.signature(function).parameters.items()} | settings
    if function is preprocessor.random_horizontal_flip:
        return functools.partial(_flip, axis=1, probability=given["probability"])
    if function is preprocessor.random_vertical_flip:
        return functools.partial(_flip, axis=0, probability=given["probability"])
    if function is preprocessor.random_crop_image:
        return functools.partial(_crop, settings=given | {name: [given[name]] for name in _PER_CASE})
    if function is preprocessor.ssd_random_crop and not settings:
        return functools.partial(_crop, settings=given | {name: given[name][0] for name in _COMMON})
    return None


def _flip(
    tensors: Tensors, view: View, seed: tf.Tensor, numbers: Iterator[int], *, axis: int, probability: float
) -> tuple[Tensors, View]:
    flipped = _uniform(seed, next(numbers)) < probability
    boxes = tensors[Fields.groundtruth_boxes]
    flip = preprocessor._flip_boxes_left_right if axis else preprocessor._flip_boxes_up_down
    reversed_axes = tf.constant([axis == 0, axis == 1]) & flipped
    return (
        tensors | {Fields.groundtruth_boxes: tf.where(flipped, flip(boxes), boxes)},
        view._replace(mirrored=tf.math.logical_xor(view.mirrored, reversed_axes)),
    )


def _crop(
    tensors: Tensors, view: View, seed: tf.Tensor, numbers: Iterator[int], *, settings: dict[str, Any]
) -> tuple[Tensors, View]:
    """random_crop_image. If there are several cases of settings, one case is drawn at random.

    The draws have the same numbers as in the OD API's graph, which contains the draws of every case.
    """
    count, case = len(settings["random_coef"]), tf.constant(0)
    if count > 1:
        case = tf.random.stateless_uniform([], fold_in(seed, next(numbers)), maxval=count, dtype=tf.int32)
    sometimes = settings["random_coef"][0] >= sys.float_info.min
    drawn = [next(numbers) for _ in range(count * (1 + sometimes))]
    first = drawn[0] + case * (1 + sometimes)
    chosen = settings | {name: tf.gather(tf.constant(settings[name], tf.float32), case) for name in _PER_CASE}
    names = [name for name in _PER_BOX if name in tensors]

    def cropped() -> tuple[Tensors, tf.Tensor]:
        return _cropped({name: tensors[name] for name in names}, view, fold_in(seed, first + sometimes), chosen)

    if not sometimes:
        done, window = cropped()
    else:
        crops = _uniform(seed, first) > chosen["random_coef"]
        done, window = tf.cond(crops, cropped, lambda: ({name: tensors[name] for name in names}, view.window))
    return tensors | done, view._replace(window=window)


def _cropped(tensors: Tensors, view: View, seed: tf.Tensor, settings: dict[str, Any]) -> tuple[Tensors, tf.Tensor]:
    """The remaining boxes and the new window, as in the OD API's preprocessor._strict_random_crop_image."""
    boxes = tensors[Fields.groundtruth_boxes]
    begin, size, box = tf.image.stateless_sample_distorted_bounding_box(
        tf.concat([view.window[2:], [3]], 0),
        tf.expand_dims(tf.clip_by_value(boxes, 0.0, 1.0), 1),
        seed,
        min_object_covered=settings["min_object_covered"],
        aspect_ratio_range=settings["aspect_ratio_range"],
        area_range=settings["area_range"],
        max_attempts=100,
        use_image_if_no_bounding_boxes=True,
    )
    return _through(tensors, view, tf.concat([begin[:2], size[:2]], 0), box[0, 0], settings)


def crop_to(
    tensors: Tensors,
    view: View,
    seed: tf.Tensor,
    numbers: Iterator[int],
    *,
    window: Callable[[tf.Tensor], tf.Tensor],
    drawn: tf.Tensor,
    visible: float,
) -> tuple[Tensors, View]:
    """One of our own crops, if `drawn`: () bool. It does not draw itself, so it leaves the OD API's numbers alone.

    window: (2,) int32 height and width -> (4,) int32 top, left, height, width. visible: boxes with a smaller share in it go.
    """
    names = [name for name in _PER_BOX if name in tensors]

    def cropped() -> tuple[Tensors, tf.Tensor]:
        seen = window(view.window[2:])
        sides = tf.cast(tf.tile(view.window[2:], [2]), tf.float32)
        box = tf.cast(tf.concat([seen[:2], seen[:2] + seen[2:]], 0), tf.float32) / sides
        settings = {"overlap_thresh": visible, "clip_boxes": True}
        return _through({name: tensors[name] for name in names}, view, seen, box, settings)

    done, seen = tf.cond(drawn, cropped, lambda: ({name: tensors[name] for name in names}, view.window))
    return tensors | done, view._replace(window=seen)


def _through(
    tensors: Tensors, view: View, window: tf.Tensor, box: tf.Tensor, settings: dict[str, Any]
) -> tuple[Tensors, tf.Tensor]:
    """The remaining boxes and the new window of the stored image.

    window: (4,) int32 top, left, height, width in the view. box: (4,) the same window, ymin, xmin, ymax, xmax in 0..1.
    """
    boxes = tensors[Fields.groundtruth_boxes]
    boxlist = box_list.BoxList(boxes)
    share = box_list_ops.ioa(box_list.BoxList(box[None]), boxlist)[0]
    outside = tf.reduce_any((boxes[:, :2] >= box[2:]) | (boxes[:, 2:] <= box[:2]), 1)
    kept = tf.where(tf.logical_not(outside) & (share >= settings["overlap_thresh"]))[:, 0]
    tensors = {name: tf.gather(tensor, kept) for name, tensor in tensors.items()}
    moved = box_list_ops.change_coordinate_frame(box_list.BoxList(tensors[Fields.groundtruth_boxes]), box).get()
    moved = tf.clip_by_value(moved, 0.0, 1.0) if settings["clip_boxes"] else moved
    # In a mirrored view, the start of the crop is counted from the opposite edge of the window.
    begin, size = window[:2], window[2:]
    begin = tf.where(view.mirrored, view.window[2:] - begin - size, begin)
    return tensors | {Fields.groundtruth_boxes: moved}, tf.concat([view.window[:2] + begin, size], 0)


def _uniform(seed: tf.Tensor, number: int | tf.Tensor) -> tf.Tensor:
    return tf.random.stateless_uniform([], fold_in(seed, number))

"""The same training images before and after augmentation, with the boxes that the model will be asked to find."""

from boxwright.core.od import compat  # noqa: F401, I001

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from object_detection import inputs
from object_detection.builders import preprocessor_builder
from object_detection.core import standard_fields
from PIL import Image, ImageDraw

from boxwright.augment.measure import Facts
from boxwright.core import pages, records as recordfiles
from boxwright.core.od.config import preprocessing_step
from boxwright.core.od.pixels import decode
from boxwright.core.recipe import Recipe
from boxwright.core.records import Record

_SHOWN, _VARIANTS, _SIDE = 6, 3, 300
_COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#46f0f0", "#f032e6", "#9a6324")
_FIELDS = standard_fields.InputDataFields


@dataclass(frozen=True)
class Sample:
    """image: (h, w, 3) uint8; boxes_yxyx: (n, 4) in 0..1; class_ids: (n,) from 1."""

    image: np.ndarray
    boxes_yxyx: np.ndarray
    class_ids: np.ndarray


def augmenter(recipe: Recipe) -> Callable[[Sample], Sample]:
    """One random draw of the recipe's options at each call, by the OD API's own preprocessor in a graph, as in training."""
    options = [preprocessor_builder.build(preprocessing_step(option)) for option in recipe.augmentation]

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, None, 3], tf.float32),
            tf.TensorSpec([None, 4], tf.float32),
            tf.TensorSpec([None], tf.int32),
        ]
    )
    def draw(image, boxes_yxyx, class_ids):
        tensors = {
            _FIELDS.image: image,
            _FIELDS.groundtruth_boxes: boxes_yxyx,
            _FIELDS.groundtruth_classes: class_ids,
            _FIELDS.groundtruth_weights: tf.ones_like(class_ids, tf.float32),
        }
        result = inputs.augment_input_data(tensors, options)
        names = (_FIELDS.image, _FIELDS.groundtruth_boxes, _FIELDS.groundtruth_classes)
        return [result[name] for name in names]

    def augment(sample: Sample) -> Sample:
        drawn = draw(sample.image.astype(np.float32), sample.boxes_yxyx, sample.class_ids.astype(np.int32))
        image, boxes_yxyx, class_ids = (tensor.numpy() for tensor in drawn)
        return Sample(np.clip(image, 0, 255).astype(np.uint8), boxes_yxyx, class_ids)

    return augment


def write(page: Path, records: Path, recipe: Recipe, facts: Facts) -> float:
    """Writes the page; returns the share of the shown images' objects that survive the augmentation."""
    tf.keras.utils.set_random_seed(recipe.seed)
    shown = list(itertools.islice(recordfiles.read(records, "train"), _SHOWN))
    augment = augmenter(recipe)
    rows, before, after = [], 0, 0
    for record in shown:
        sample = _sample(record)
        variants = [augment(sample) for _ in range(_VARIANTS)]
        before += _VARIANTS * len(sample.class_ids)
        after += sum(len(variant.class_ids) for variant in variants)
        rows.append({"name": record.filename, "pictures": [_picture(s) for s in (sample, *variants)]})
    kept = after / before if before else 1.0
    legend = list(zip(recipe.classes, itertools.cycle(_COLOURS), strict=False))
    html = pages.render(
        "contact_sheet.html.j2",
        "boxwright.augment",
        recipe=recipe,
        rows=rows,
        facts=facts,
        kept=kept,
        legend=legend,
        objects=before,
    )
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(html, encoding="utf-8")
    return kept


def _sample(record: Record) -> Sample:
    return Sample(decode(record.encoded), record.boxes_yxyx, record.class_ids)


def _picture(sample: Sample) -> str:
    """The image as the model sees it (square), with boxes, as a data URI."""
    image = Image.fromarray(sample.image).resize((_SIDE, _SIDE))
    draw = ImageDraw.Draw(image)
    for (top, left, bottom, right), class_id in zip(sample.boxes_yxyx * _SIDE, sample.class_ids, strict=True):
        draw.rectangle((left, top, right, bottom), outline=_COLOURS[(class_id - 1) % len(_COLOURS)], width=2)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return pages.data_uri(buffer.getvalue())

"""A page with training images before and after augmentation, with their boxes."""

import io
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from boxwright.augment.draw import Sample, drawer
from boxwright.core import augmentations
from boxwright.core.augmentations.own_augmentation import Verdict
from boxwright.core.html import page_base
from boxwright.core.od_api.image_preprocessing import decode
from boxwright.core.recipe import Recipe
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime import text_files

_SHOWN, _VARIANTS, _SIDE = 6, 3, 300
_COLOURS = ("#e6194b", "#3cb44b", "#4363d8", "#f58231", "#911eb4", "#46f0f0", "#f032e6", "#9a6324")


def write(
    page: Path, records: Path, recipe: Recipe, judged: Mapping[str, Verdict], notices: Sequence[str] = ()
) -> float:
    """Writes the page. Returns the number of boxes after augmentation over the number before, for the shown images."""
    samples = [_sample(record) for record in itertools.islice(recordfiles.read(records, "train"), _SHOWN)]
    names = [record.filename for record in itertools.islice(recordfiles.read(records, "train"), _SHOWN)]
    augment = drawer(recipe)
    rows, before, after = [], 0, 0
    for at, (name, sample) in enumerate(zip(names, samples, strict=True)):
        mixed_with = [sample, *samples[at + 1 :], *samples[:at]]
        variants = [augment(mixed_with, at * _VARIANTS + variant) for variant in range(_VARIANTS)]
        before += _VARIANTS * len(sample.class_ids)
        after += sum(len(variant.class_ids) for variant in variants)
        rows.append({"name": name, "pictures": [_picture(s) for s in (sample, *variants)]})
    kept = after / before if before else 1.0
    legend = list(zip(recipe.classes, itertools.cycle(_COLOURS), strict=False))
    html = page_base.render(
        "contact_sheet.html.j2",
        "boxwright.augment",
        recipe=recipe,
        mixes=augmentations.images_of_a_draw([option.name for option in recipe.augmentation]) > 1,
        rows=rows,
        judged=judged,
        notices=notices,
        kept=kept,
        legend=legend,
        objects=before,
    )
    text_files.write(page, html)
    return kept


def _sample(record: Record) -> Sample:
    return Sample(decode(record.encoded), record.boxes_yxyx, record.class_ids)


def _picture(sample: Sample) -> str:
    """The image, resized to a square and with its boxes, as a data URI."""
    image = Image.fromarray(sample.image).resize((_SIDE, _SIDE))
    draw = ImageDraw.Draw(image)
    for (top, left, bottom, right), class_id in zip(sample.boxes_yxyx * _SIDE, sample.class_ids, strict=True):
        draw.rectangle((left, top, right, bottom), outline=_COLOURS[(class_id - 1) % len(_COLOURS)], width=2)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return page_base.data_uri(buffer.getvalue())

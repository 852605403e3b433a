"""Findings on how a recipe, the stock one or a user's own, would train on this data: its crops, its rate, its new head."""

import numpy as np

from boxwright.core import models
from boxwright.core.findings import Evidence, Finding
from boxwright.core.recipe import Recipe
from boxwright.diagnose.data import SIDES, Data
from boxwright.diagnose.findings import crop_simulation
from boxwright.diagnose.plan import prediction

_DRAWS = 3_000


def crops_at_random(recipe: Recipe) -> bool:
    return any(option.name == "ssd_random_crop" for option in recipe.augmentation)


def random_crop(data: Data, seed: int) -> Finding | None:
    """Whether `ssd_random_crop` fits: the share of objects that a pass over the data loses or shows as a fragment."""
    effect = crop_simulation.simulate(_images(data, seed), _DRAWS, seed)
    spoiled = effect.dropped + (1 - effect.dropped) * effect.cut
    if spoiled < 0.1:
        return None
    gain = prediction.CROPS_GAIN * min(spoiled / prediction.CROPS_SPOILED, 1.0)
    where = f"{_DRAWS} simulated crops of tables/objects.parquet, split train"
    return Finding(
        id="augmentation_random_crop",
        cause="recipe",
        severity="high" if spoiled >= 0.5 else "medium" if spoiled >= 0.25 else "low",
        claim=f"ssd_random_crop, which the recipe applies to every image, loses {effect.dropped:.0%} of the objects of "
        f"a pass over the data, shows {effect.cut:.0%} of the rest as a fragment under the full label, and enlarges what is "
        f"left {effect.enlarged:.2f}-fold, so that training sees other sizes than the camera delivers.",
        evidence=tuple(
            Evidence(metric=metric, value=round(value, 4), n=n, seed=seed, where=where)
            for metric, value, n in (
                ("objects lost or cut", spoiled, effect.draws),
                ("objects lost", effect.dropped, effect.draws),
                ("kept objects of which less than 75 % shows", effect.cut, effect.kept),
                ("median enlargement of a side", effect.enlarged, effect.kept),
            )
        ),
        remedy="Replace it by a window of about 75 to 115 % of the image that keeps objects from 40 % visible on, flips, and "
        "mild brightness, contrast and saturation (the step `augment` writes it).",
        expected_effect=f"about {gain:+.1f} points of AP50: on BCCD the change brought {prediction.CROPS_GAIN:+.1f} (and +16.5 "
        f"on the starved class) where crops spoiled {prediction.CROPS_SPOILED:.0%}; scaled to {spoiled:.0%} here",
        effect_points=round(gain, 1),
        confidence="medium",
    )


def _images(data: Data, seed: int) -> list[tuple[np.ndarray, float]]:
    """boxes_yxyx and width / height of the training images with objects; of more than _DRAWS, as many by chance."""
    objects = data.objects_in("train")
    ids = np.unique(objects.image_id)
    if len(ids) > _DRAWS:
        ids = np.sort(np.random.default_rng(seed).choice(ids, _DRAWS, replace=False))
        objects = objects[objects.image_id.isin(ids)]
    objects = objects.sort_values("image_id", kind="stable")
    starts = np.searchsorted(objects.image_id, ids)[1:]
    images = data.images_in("train").set_index("image_id").loc[ids]
    aspects = (images.width / images.height).to_numpy(float)
    return list(zip(np.split(objects[SIDES].to_numpy(float), starts), aspects, strict=True))


def learning_rate(stock: Recipe, planned_base: float) -> Finding | None:
    """The zoo's rate belongs to its batch; scaled linearly to a small one it is too low for a short fine-tuning."""
    zoo = models.get(stock.model).zoo
    base, batch = zoo.rate, zoo.batch
    if stock.learning_rate.base >= planned_base:
        return None
    measured = stock.model == prediction.MEASURED_MODEL
    return Finding(
        id="learning_rate_batch",
        cause="recipe",
        severity="medium",
        claim=f"The zoo trains at rate {base:g} with batch {batch}. Unchanged at batch {stock.batch_size} that is "
        f"{batch / stock.batch_size:.0f} times too much; {'scaled linearly' if stock.stock else 'in this recipe'} it is "
        f"{stock.learning_rate.base:.4g}, which {stock.steps} steps are too few for.",
        evidence=(
            Evidence(
                metric=f"{'stock' if stock.stock else 'given'} rate at this batch",
                value=round(stock.learning_rate.base, 6),
                n=stock.batch_size,
                where="learning_rate.base and batch_size of the recipe under diagnosis",
            ),
            Evidence(
                metric="planned rate",
                value=round(planned_base, 6),
                n=stock.batch_size,
                where="recipe.yaml: learning_rate.base",
            ),
        ),
        remedy=f"Warm up to {planned_base:.4g}, then half a cosine to zero.",
        expected_effect=f"{prediction.RATE_GAIN_AP:+.1f} points of AP, {prediction.RATE_GAIN_AP50:+.1f} of AP50 on BCCD at "
        f"batch 8 with {prediction.MEASURED_MODEL} (run C against E, one seed each)"
        + ("" if measured else f"; not measured for {stock.model}"),
        effect_points=prediction.RATE_GAIN_AP50 if measured else None,
        confidence="medium" if measured else "low",
    )


def new_head(stock: Recipe, planned: Recipe, why: str) -> Finding | None:
    """Initial weights bring a backbone, but all of the head only where they are an earlier model of ours that knows these
    classes; the first gradients of a new head are noise. why: see `initial.new_head`."""
    alone = sum(stage.steps for stage in planned.stages if stage.trainable == "head")
    if not alone or any(stage.trainable == "head" for stage in stock.stages):
        return None
    return Finding(
        id="new_head",
        cause="recipe",
        severity="low",
        claim=f"{why[0].upper()}{why[1:]}. The recipe moves both from the first of {stock.steps} steps, so that the head's "
        "first, random gradients undo the backbone.",
        evidence=(
            Evidence(
                metric="steps in which the head learns alone", value=alone, n=stock.steps, where="recipe.yaml: stages"
            ),
        ),
        remedy=f"Train the head alone for {alone} steps, then everything.",
        expected_effect="not measured here",
        confidence="low",
    )

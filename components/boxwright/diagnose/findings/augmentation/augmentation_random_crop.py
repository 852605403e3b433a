"""`ssd_random_crop` loses or cuts many of this data's objects."""

from collections.abc import Iterator

import numpy as np

from boxwright.core.augmentations import AUGMENTATIONS
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.html import charts
from boxwright.diagnose.data import SIDES, Data, rows
from boxwright.diagnose.findings import box_examples
from boxwright.diagnose.findings.kind import Figure, Kind, Shown
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures import crop_simulation
from boxwright.diagnose.measures.crop_simulation import Boxed, CropCases, CropEffect
from boxwright.diagnose.measures.evidence import at_least
from boxwright.diagnose.plan import prediction

ID = "augmentation_random_crop"
# Crops, spread over the images. The shares that they give for one seed are within 1 point of those for another.
_DRAWS = 10_000
_SPOILED: dict[Severity, float] = {"high": 0.5, "medium": 0.25, "low": 0.1}
# The crop with which augment replaces it.
_KEPT = AUGMENTATIONS["crop"].complete({})
_SPOILED_METRIC, _LOST_METRIC = "objects lost or cut", "objects lost"


def find(inputs: Inputs) -> Iterator[Finding | None]:
    """One finding, about the crop of the training that does most harm."""
    judged = [judge(inputs.data, inputs.seed, name, cases) for name, cases in inputs.training.crops]
    yield max(filter(None, judged), key=lambda finding: finding.evidence[0].value, default=None)


def judge(
    data: Data, seed: int, name: str = "ssd_random_crop", cases: CropCases = crop_simulation.SSD_RANDOM_CROP
) -> Finding | None:
    """name, cases: the option, with its own operations."""
    effect = crop_simulation.simulate(_images(data, seed), _DRAWS, seed, cases)
    spoiled = effect.dropped + (1 - effect.dropped) * effect.cut
    severity = at_least(spoiled, _SPOILED)
    if not severity:
        return None
    gain = prediction.CROPS_GAIN * min(spoiled / prediction.CROPS_SPOILED, 1.0)
    return Finding(
        id=ID,
        cause="recipe",
        severity=severity,
        title=f"Random cropping loses or cuts {spoiled:.0%} of the objects",
        claim=f"The training applies {_words(name, cases)} to every image. It loses {effect.dropped:.0%} of the objects of an "
        f"epoch. "
        f"{effect.cut:.0%} of the remaining objects are cut but keep the full label. The remaining objects appear "
        f"{effect.enlarged:.2f} times as large, so training sees other sizes than the camera delivers.",
        evidence=_evidence(effect, spoiled, seed),
        remedy=f"Replace the random crop with crops that keep the shape of each image, at least {_KEPT['least_area']:.0%} of "
        f"its area and every object with {_KEPT['visible']:.0%} or more visible. `boxwright augment` does that, and adds the "
        "flips and changes of colour that fit the data.",
        expected_effect=f"about {gain:+.1f} points of AP50. On BCCD, where crops lost or cut {prediction.CROPS_SPOILED:.0%} of "
        f"the objects, the change gained {prediction.CROPS_GAIN:+.1f} (and +16.5 on the class out of reach). This is scaled to "
        f"the {spoiled:.0%} here",
        effect_points=round(gain, 1),
        confidence="medium",
    )


def _words(name: str, cases: CropCases) -> str:
    """The crop in words. Only the user's own crop is named, so that the user finds it in the file."""
    if cases == crop_simulation.SSD_RANDOM_CROP:
        return "the random crop of the zoo's recipe"
    return f"a random crop with its own settings (`{name}`)"


def _evidence(effect: CropEffect, spoiled: float, seed: int) -> tuple[Evidence, ...]:
    where = f"{effect.crops} simulated crops of tables/objects.parquet, split train"
    values = (
        (_SPOILED_METRIC, spoiled, effect.draws),
        (_LOST_METRIC, effect.dropped, effect.draws),
        (f"kept objects with less than {100 * crop_simulation.CUT:.0f} % visible", effect.cut, effect.kept),
        ("median enlargement of a side", effect.enlarged, effect.kept),
    )
    return tuple(Evidence(metric=metric, value=round(v, 4), n=n, seed=seed, where=where) for metric, v, n in values)


def _images(data: Data, seed: int) -> list[Boxed]:
    """boxes_yxyx, and height and width in pixels, of each training image with objects; at most _DRAWS images, drawn at random."""
    objects = data.objects_in("train")
    ids = np.unique(objects.image_id)
    if len(ids) > _DRAWS:
        ids = np.sort(np.random.default_rng(seed).choice(ids, _DRAWS, replace=False))
        objects = rows(objects, objects.image_id.isin(ids))
    objects = objects.sort_values("image_id", kind="stable")
    starts = np.searchsorted(objects.image_id, ids)[1:]
    images = data.images_in("train").set_index("image_id").loc[ids]
    sizes = zip(images.height.tolist(), images.width.tolist(), strict=True)
    return list(zip(np.split(objects[SIDES].to_numpy(float), starts), sizes, strict=True))


def figure(shown: Shown) -> Figure:
    """Shares of objects that are lost, cut and whole, from the numbers of the finding."""
    finding = shown.finding(ID)
    value = {evidence.metric: evidence.value for evidence in finding.evidence}
    lost, spoiled = value[_LOST_METRIC], value[_SPOILED_METRIC]
    parts = (("lost", lost, charts.STOCK), ("cut", spoiled - lost, "#e69f00"), ("whole", 1 - spoiled, charts.USED))
    with charts.chart(4.4, 0.9) as (axes, drawn):
        left = 0.0
        for name, share, colour in parts:
            axes.barh(0, 100 * share, 0.6, left=100 * left, color=colour, alpha=0.8)
            axes.text(
                100 * (left + share / 2), 0, f"{name}\n{share:.0%}", ha="center", va="center", fontsize=charts.TEXT
            )
            left += share
        axes.set(yticks=[], xlim=(0, 100), xlabel="% of the objects of an epoch")
    caption = (
        "What random cropping does to the objects. Cut: only a part is visible, but the label stays. From a simulation of "
        f"n = {finding.evidence[0].n:,} objects."
    )
    return Figure(drawn.svg, caption)


KIND = Kind(ids=(ID,), find=find, examples=box_examples.random_crops, figure=figure, changes=("augmentation",))

"""Findings on what is in the data: how many objects of each class, how large, in which split."""

import numpy as np

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.records import tfrecords
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.anchor_coverage import share, side_pixels
from boxwright.diagnose.plan import repeats as sampling

_OBJECTS = {"high": 15, "medium": 50}
_IMAGES = {"high": 30, "medium": 100}
_RATIO = {"high": 25, "medium": 10}  # set by hand: no measured run says at which ratio a class begins to starve
_VALIDATION_IMAGES = 30
_VALIDATION = "tables/images.parquet and objects.parquet, split val"
TINY_PIXELS = 8
_FOCAL = "The focal loss (alpha 0.75, gamma 2) already plays the easy majority down."
_UNMEASURED = "not measured here; more pictures, and more varied ones, are the surest gain there is"


def _below(value: float, limits: dict[str, int]) -> Severity | None:
    return next((severity for severity, limit in limits.items() if value < limit), None)


def findings(data: Data, distinct_images: int, input_size: int) -> list[Finding]:
    """All of them; distinct_images: training images without near-duplicates."""
    # A split without any object judges nobody: validation tells that, and another one takes its place.
    of_split = {split: counts(data, split) for split in data.objects.split.unique()}
    boxes_yxyx, ids = data.boxes_in("train")
    pixels = side_pixels(boxes_yxyx, input_size)
    tiny = [tiny_objects(pixels[ids == i], name, input_size) for i, name in enumerate(data.classes, 1)]
    return [
        f
        for f in (
            few_objects(of_split["train"]),
            *missing(of_split, data.objects.groupby("class").image_id.nunique().to_dict()),
            *tiny,
            few_images(distinct_images, int(data.images_in("train").dhash.isna().sum())),
            small_validation(data),
        )
        if f
    ]


def counts(data: Data, split: str) -> dict[str, int]:
    """Objects per class of a split, 0 included."""
    found = data.objects_in(split)["class"].value_counts()
    return {name: int(found.get(name, 0)) for name in data.classes}


def few_objects(training: dict[str, int]) -> Finding | None:
    """The classes that are there and are few, the fewest first. training: objects of each class."""
    few = {name: n for name, n in sorted(training.items(), key=lambda pair: pair[1]) if n and _below(n, _OBJECTS)}
    if not few:
        return None
    (name, least), enough = next(iter(few.items())), _OBJECTS["medium"]
    alone = len(few) == 1
    each = ", ".join(f"{name} {n}" for name, n in few.items())
    who = (
        f"{name} has only {least} training objects"
        if alone
        else f"{len(few)} classes have fewer than {enough} training objects ({each})"
    )
    return Finding(
        id="few_objects",
        cause="data_quantity",
        severity=_below(least, _OBJECTS),
        claim=f"{who}: too few to learn how {'it varies' if alone else 'they vary'}, few enough to learn by heart.",
        evidence=tuple(
            Evidence(metric=f"training objects of {name}", value=n, n=n, where="tables/objects.parquet, split train")
            for name, n in few.items()
        ),
        remedy="Label more, in pictures of their own, unlike those there are: "
        + ", ".join(f"{enough - n} {name}" for name, n in few.items())
        + " at least.",
        expected_effect=_UNMEASURED,
        confidence="high",
    )


def missing(of_split: dict[str, dict[str, int]], pictures: dict[str, int]) -> list[Finding]:
    """Classes that some split does not have: cannot be learned (train), or cannot be judged (val, test). Those for which the same
    is to be done are one finding.

    of_split: objects per class of each split that has objects; pictures: that hold an object of a class, in all splits.
    """
    alike: dict[tuple[tuple[str, ...], bool], dict[str, int]] = {}
    for name in of_split["train"]:
        if splits := tuple(s for s in tfrecords.SPLITS if s in of_split and not of_split[s][name]):
            n = sum(found[name] for found in of_split.values())
            alike.setdefault((splits, pictures.get(name, 0) > len(splits)), {})[name] = n
    return [_missing(splits, spare, totals) for (splits, spare), totals in alike.items()]


def _missing(splits: tuple[str, ...], spare: bool, totals: dict[str, int]) -> Finding:
    """spare: whether there are pictures for these splits, too; totals: objects of each class in all splits."""
    names, lacking, learned = tuple(totals), " and ".join(splits), "train" not in splits
    who, they = (names[0], "it") if len(names) == 1 else (f"{len(names)} classes", "they")
    whom = names[0] if len(names) == 1 else "these classes"
    listed = ", ".join(f"{name} {n}" for name, n in totals.items())
    what = f"{who} {'has' if len(names) == 1 else 'have'} no object in {lacking} (objects in all: {listed})"
    undefined = learned or not any(totals.values())
    return Finding(
        id="class_missing",
        subject=names[0] + (f" and {len(names) - 1} more" if names[1:] else ""),
        cause="split",
        severity="medium" if learned else "high",
        claim=f"{what}: {they} cannot be {'judged' if learned else 'learned'}.",
        evidence=tuple(
            Evidence(
                metric=f"objects of {name} outside {'/'.join(splits)}", value=n, n=n, where="tables/objects.parquet"
            )
            for name, n in totals.items()
        ),
        remedy=f"Move pictures with {whom} to {lacking}, add some, or let convert split anew."
        if spare
        else f"Add pictures with {whom} to {lacking}: there are none to spare; or take {whom} out of the data.",
        expected_effect=f"AP of {whom} {'is undefined' if undefined else 'stays 0'} as it is",
        confidence="high",
    )


def tiny_objects(pixels: np.ndarray, name: str, input_size: int) -> Finding | None:
    """Objects whose side (square root of the area) is under 8 px at the network's input: one cell of the finest map.

    pixels: (n,) sides of the training objects of the class.
    """
    hits = pixels < TINY_PIXELS
    if not len(hits) or hits.mean() < 0.05:
        return None
    return Finding(
        id="tiny_objects",
        subject=name,
        cause="recipe",
        severity="high" if hits.mean() >= 0.5 else "medium",
        claim=f"{hits.mean():.0%} of the {len(hits)} training {name} are under {TINY_PIXELS} px once the picture is shrunk to "
        f"{input_size} px: less than one cell of the finest feature map, so little of them is left to see.",
        evidence=(share(f"under {TINY_PIXELS} px at {input_size} px", hits, "tables/objects.parquet, split train"),),
        remedy="Cut the pictures into overlapping tiles before converting, or take them from closer; a larger input_size in "
        "recipe.yaml does the same and costs its square in time.",
        expected_effect="not measured here",
        confidence="medium",
    )


def few_images(distinct: int, unseen: int) -> Finding | None:
    """distinct: as far as is known; unseen: training images that convert did not look at, which are a copy by their name only."""
    severity = _below(distinct, _IMAGES)
    if not severity:
        return None
    but = f" but for those among the {unseen} that were not looked at" if unseen else ""
    return Finding(
        id="few_images",
        cause="data_quantity",
        severity=severity,
        claim=f"The training images show {distinct} picture{'s' * (distinct != 1)}, copies left out{but}: few enough for the "
        "network to learn them by heart before it learns the classes.",
        evidence=(
            Evidence(metric="distinct training images", value=distinct, n=distinct, where="tables/images.parquet"),
        ),
        remedy=f"Add pictures (other places, lights, distances) until there are {_IMAGES['medium']} at least. Until "
        "then keep early stopping on and read every metric with its interval.",
        expected_effect=_UNMEASURED,
        confidence="high",
    )


def imbalance(data: Data, repeated_already: bool = False) -> Finding | None:
    """The most frequent against the rarest class of the training split. repeated_already: the recipe under diagnosis shows images
    with rare classes more often."""
    found = {name: n for name, n in counts(data, "train").items() if n}
    if len(found) < 2:
        return None
    most, least = max(found, key=found.get), min(found, key=found.get)
    ratio = found[most] / found[least]
    severity = next((s for s, limit in _RATIO.items() if ratio >= limit), None)
    if not severity:
        return None
    repeats, row = sampling.repeats(data), data.classes.index(least)
    once, repeated = repeats.once[row], repeats.repeated[row]
    return Finding(
        id="imbalance",
        cause="data_quantity",
        severity=severity,
        claim=f"{most} outnumbers {least} {ratio:.0f} to 1 in training ({found[most]} to {found[least]}): {least} "
        "adds little to the loss, while mean AP counts it like any other class.",
        evidence=(
            _of_training(f"{most} per {least}", round(ratio, 2), found[most] + found[least]),
            _of_training(f"share of {least} in an epoch's objects, every image once", round(once, 5), repeats.images),
            _of_training(
                f"the same with repeat factors (an epoch of {repeats.shown:.0f} images)",
                round(repeated, 5),
                repeats.images,
            ),
            _of_training("largest repeat factor of an image", round(repeats.largest, 3), repeats.images),
        ),
        remedy=_remedy(least, most, repeats, row, repeated_already),
        expected_effect="measured on generated parts, two seeds: +3.2 and +7.1 AP for a class in 21 of 374 images, -0.7 on "
        "average for the others"
        if repeats.worth_it and not repeated_already
        else "not measured here; look at the AP of each class, not at the mean",
        confidence="medium",
    )


def _remedy(least: str, most: str, repeats: sampling.Repeats, row: int, repeated_already: bool) -> str:
    if repeated_already:
        return f"Add pictures with {least}: this recipe shows those there are more often already. {_FOCAL}"
    once, repeated = repeats.once[row], repeats.repeated[row]
    if not repeats.worth_it:
        return (
            f"Add pictures with {least}. To show those there are more often would raise its share of an epoch's objects from "
            f"{once:.1%} to {repeated:.1%} only: {least} stands beside {most} in the same pictures. {_FOCAL}"
        )
    return (
        f"Show pictures with {least} more often, by repeat factors (the square root of how much rarer it is, by images): its "
        f"share of an epoch's objects rises from {once:.1%} to {repeated:.1%}. More pictures with {least} are better still. "
        f"{_FOCAL}"
    )


def _of_training(metric: str, value: float, n: int) -> Evidence:
    return Evidence(metric=metric, value=float(value), n=n, where="tables/objects.parquet, split train")


def small_validation(data: Data) -> Finding | None:
    """A validation split on which early stopping would follow chance."""
    val, objects = data.images_in("val"), data.objects_in("val")
    n = objects.image_id.nunique()
    if n >= _VALIDATION_IMAGES:
        return None
    backgrounds = f", and {len(val) - n} without any" if len(val) > n else ""
    doubt = f"a share measured on it is uncertain by up to {100 / np.sqrt(max(n, 1)):.0f} points either way, so the best step is "
    doubt += "chosen largely by chance"
    return Finding(
        id="val_too_small",
        cause="split",
        severity="medium",
        claim=f"The validation split has {n} image{'s' * (n != 1)} with {len(objects)} object{'s' * (len(objects) != 1)}"
        f"{backgrounds}: {doubt if n else 'there is no AP to choose a step by, and the last one is kept'}.",
        evidence=(Evidence(metric="validation images with objects", value=n, n=len(val), where=_VALIDATION),),
        remedy=f"Put at least {_VALIDATION_IMAGES} images with objects into validation"
        + (", or set evaluate_every in recipe.yaml to the number of steps, which keeps the last one." if n else "."),
        expected_effect="no gain in AP: a choice of step that can be trusted",
        confidence="high",
    )

"""Predicts AP50 from measured runs, for trainings that resemble them.

Source: six runs on BCCD (test split, 72 images; 205 training images; 300 px, batch 8, ImageNet backbone, seed 0, one run
each; bootstrap sd over images 2 points of AP50, 5 on the rarest class).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from boxwright.core.artifacts.diagnosis import Prediction
from boxwright.core.recipe import Recipe
from boxwright.diagnose.plan.init_weights import InitWeights

# The model and the batch of all runs.
MEASURED_MODEL, MEASURED_BATCH = "ssd_mobilenet_v1_ppn", 8
BASIS = "scaled from BCCD, where it rose by 31 points when 3% instead of 97% were out of reach (runs E and D, one seed each)"
# A number is predicted only for runs that have at least this in common with the measured ones.
MIN_IMAGES_SEEN, MIN_IMAGES, MIN_OBJECTS = 4_000, 100, 50


@dataclass(frozen=True)
class Measured:
    """One class in one run: unreachable share, whether ssd_random_crop was on, test AP50."""

    run: str
    unreachable: float
    crops: bool
    ap50: float


RUNS = tuple(
    Measured(run, missing, crops, ap50)
    for run, crops, per_class in (
        ("A stock", True, ((0.0, 0.835), (0.005, 0.993), (0.97, 0.373))),
        ("B1 min_scale .08", True, ((0.05, 0.791), (0.01, 0.974), (0.50, 0.438))),
        ("B2 = B1, mild augmentation", False, ((0.05, 0.796), (0.01, 0.975), (0.50, 0.603))),
        ("C stride 8, fitted anchors, rate .025", False, ((0.001, 0.849), (0.0, 0.983), (0.03, 0.822))),
        ("D stock anchors, mild augmentation, rate .025", False, ((0.0, 0.850), (0.005, 0.978), (0.97, 0.507))),
        ("E = C at rate .0109", False, ((0.001, 0.836), (0.0, 0.945), (0.03, 0.818))),
    )
    for missing, ap50 in per_class
)
# B2 - B1: the gain in points of AP50 without ssd_random_crop, and the share of objects that ssd_random_crop lost or cut there
# (measures/crop_simulation on BCCD's training split).
CROPS_GAIN, CROPS_SPOILED = 5.6, 0.59
# E - D on Platelets: grid and fitted anchors took the unreachable share from .97 to .03 and AP50 from .507 to .818.
_GAIN_PER_SHARE = (0.818 - 0.507) / (0.97 - 0.03)
# C - E: rate .025 against .0109 at batch 8.
RATE_GAIN_AP, RATE_GAIN_AP50 = 4.7, 1.9


def _features(unreachable: np.ndarray, crops: np.ndarray) -> np.ndarray:
    """(n, 3): a constant, the unreachable share, and that share under ssd_random_crop, which hurt only the unreachable class."""
    return np.stack([np.ones_like(unreachable), unreachable, unreachable * crops], axis=1)


@cache
def _fitted(runs: tuple[Measured, ...]) -> tuple[np.ndarray, float]:
    """Least-squares coefficients, and the root mean square of the errors on each row when it is left out of the fit."""
    x = _features(np.array([m.unreachable for m in runs]), np.array([float(m.crops) for m in runs]))
    y = np.array([m.ap50 for m in runs])
    coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
    leverage = np.einsum("ij,jk,ik->i", x, np.linalg.inv(x.T @ x), x)
    left_out = (y - x @ coefficients) / (1 - leverage)
    return coefficients, float(np.sqrt(np.mean(left_out**2)))


def anchors_gain(before: float, after: float) -> float:
    """AP50 in 0..1 that a class gains when its unreachable share goes from `before` to `after`, all else equal."""
    return _GAIN_PER_SHARE * (before - after)


def predict(unreachable: dict[str, float], recipe: Recipe, runs: tuple[Measured, ...] = RUNS) -> Prediction:
    """AP50 of each class and their mean, with 95 % intervals from the errors on left-out rows. runs: what it is fitted to."""
    coefficients, spread = _fitted(runs)
    crops = float(any(option.name == "ssd_random_crop" for option in recipe.augmentation))
    shares = np.array(list(unreachable.values()))
    values = np.clip(_features(shares, np.full_like(shares, crops)) @ coefficients, 0.0, 1.0)
    half = 1.96 * spread
    return Prediction(
        ap50={name: round(float(value), 3) for name, value in zip(unreachable, values, strict=True)},
        interval={name: _around(value, half) for name, value in zip(unreachable, values, strict=True)},
        mean=round(float(values.mean()), 3),
        mean_interval=_around(values.mean(), half / np.sqrt(len(values))),
        basis="Linear in the unreachable share, alone and together with ssd_random_crop, fitted to "
        f"{len(runs)} values: {len({m.run for m in runs})} runs of "
        "three classes on ONE data set (BCCD, 205 training images, ImageNet backbone, one seed each). The interval is "
        f"1.96 times the error on values that were left out of the fit ({spread:.3f}). It does not account for objects that "
        "are harder or easier to detect.",
    )


def _around(value: float, half: float) -> tuple[float, float]:
    return round(float(max(value - half, 0)), 3), round(float(min(value + half, 1)), 3)


def why_not(recipe: Recipe, init: InitWeights, images: int, fewest_objects: int) -> str:
    """Why no AP50 is predicted for this run; empty if the run resembles the measured ones. images: distinct training images."""
    seen = recipe.steps * recipe.batch_size
    if recipe.model != MEASURED_MODEL:
        return f"no run of {recipe.model} has been measured"
    if not init.given:
        return "all measured runs started from trained weights, this one starts from scratch (--init PATH sets weights)"
    if init.earlier:
        return "all measured runs started from a backbone trained on ImageNet, none from a detector"
    if seen < MIN_IMAGES_SEEN:
        return f"{recipe.steps} steps of {recipe.batch_size} images show {seen} images; the shortest measured run showed 4640"
    if images < MIN_IMAGES or fewest_objects < MIN_OBJECTS:
        return (
            f"there are {images} distinct training images and {fewest_objects} objects of the rarest class; a prediction needs "
            f"at least {MIN_IMAGES} and {MIN_OBJECTS} (the measured runs had 205 and more than 200)"
        )
    return ""

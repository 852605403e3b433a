"""What training will do, in a few lines: before -> after, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from boxwright.core.artifacts.diagnosis import Flips
from boxwright.core.models.model import first_stride
from boxwright.core.plurals import upper
from boxwright.core.recipe import Recipe

# As in Diagnosis.
Unreachable = Mapping[Literal["stock", "used"], dict[str, float]]


@dataclass(frozen=True)
class Line:
    """what: the subject. before: empty if nothing changes. after: what training does. why: the effect, in words or numbers."""

    what: str
    before: str
    after: str
    why: str = ""


def lines(before: Recipe, after: Recipe, unreachable: Unreachable, images: int) -> tuple[Line, ...]:
    """unreachable: `Diagnosis.unreachable`. images: of the training split, for the number of epochs."""
    parts = (_anchors(before, after, unreachable), _augmentation(before, after), _rate(before, after))
    return tuple(_changed(line) for line in (*parts, _steps(before, after, images), _stopping(before, after)))


def _changed(line: Line) -> Line:
    return Line(line.what, "" if line.before == line.after else line.before, line.after, line.why)


def _anchors(before: Recipe, after: Recipe, unreachable: Unreachable) -> Line:
    return Line("Anchors", _sizes(before), _sizes(after), "; ".join(_reach(unreachable)))


def _sizes(recipe: Recipe) -> str:
    sides = [scale * recipe.input_size for scale in recipe.anchors.scales]
    stride = first_stride(recipe.grid)
    return f"{len(sides)} sizes from {min(sides):.0f} to {max(sides):.0f} px, every {stride} px"


def _reach(unreachable: Unreachable) -> Iterator[str]:
    """The class that gains most, and the class of which most stays out of reach."""
    stock, used = unreachable["stock"], unreachable["used"]
    if not stock:
        return
    gains = max(stock, key=lambda name: stock[name] - used[name])
    if stock[gains] - used[gains] >= 0.01:
        yield f"{gains} out of reach: {stock[gains]:.0%} -> {used[gains]:.0%}"
    worst = max(used, key=lambda name: used[name])
    if used[worst] >= 0.05 and worst != gains:
        yield f"{worst} stays out of reach: {used[worst]:.0%}"


def _augmentation(before: Recipe, after: Recipe) -> Line:
    if not after.augmentation and before.augmentation:
        return Line("Augmentation", _varied(before), "chosen for this data; see augmentation.html")
    return Line("Augmentation", _varied(before), _varied(after))


def _varied(recipe: Recipe) -> str:
    names = [option.name.removeprefix("random_").replace("_", " ") for option in recipe.augmentation]
    return ", ".join(names).replace("ssd random crop", "random crops of the OD API") or "none"


def flipping(flips: Flips) -> Line:
    """Which flips make images that could be real, and why or why not."""
    verdicts = {"left and right": flips.horizontal, "up and down": flips.vertical}
    fitting = [way for way, one in verdicts.items() if one.fits]
    told = ("none", "".join(fitting), "both ways")
    reasons = (f"{way} {'fits' if one.fits else 'does not fit'}, because {one.reason}" for way, one in verdicts.items())
    return Line("Flips", "", told[len(fitting)], ". ".join(map(upper, reasons)))


def _rate(before: Recipe, after: Recipe) -> Line:
    return Line("Learning rate", _peak(before), _peak(after))


def _peak(recipe: Recipe) -> str:
    return f"up to {recipe.learning_rate.base:.3g}, after a warm-up of {recipe.learning_rate.warmup_steps} steps"


def _steps(before: Recipe, after: Recipe, images: int) -> Line:
    return Line("Steps", _length(before, images), _length(after, images))


def _length(recipe: Recipe, images: int) -> str:
    alone = sum(stage.steps for stage in recipe.stages if stage.trainable == "head")
    first = f", the first {alone} for the head alone" if alone else ""
    repeats = ", rare classes more often" if recipe.max_repeats > 1 else ""
    epochs = recipe.steps * recipe.batch_size / max(images, 1)
    return (
        f"{recipe.steps} of {recipe.batch_size} images, {epochs:.3g} times through the training images{first}{repeats}"
    )


def _stopping(before: Recipe, after: Recipe) -> Line:
    return Line("Stopping", _patience(before), _patience(after))


def _patience(recipe: Recipe) -> str:
    if recipe.evaluate_every * (1 + recipe.patience) >= recipe.steps:
        return f"never early; AP is measured every {recipe.evaluate_every} steps, and the best step is kept"
    return f"early, after {recipe.patience} evaluations without a better AP (one every {recipe.evaluate_every} steps)"

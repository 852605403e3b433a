"""The augmentation of a config: what of it a recipe can hold, its crops, and what the OD API or `augment` refuses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

from boxwright.core.augmentations import od_api_options
from boxwright.core.recipe import Augmentation, Recipe
from boxwright.core.runtime.errors import UserError, brief
from boxwright.diagnose.given import fields
from boxwright.diagnose.given.numbers import shortest
from boxwright.diagnose.measures.crop_simulation import SSD_RANDOM_CROP, CropCases
from boxwright.diagnose.plan import od_api_protos

PATH = "train_config.data_augmentation_options"
# Steps of the augmentation; the zoo has up to 5, a recipe holds 20.
_MOST_STEPS = 50
_MOST_HELD = 20
_NOT_NUMBERS = {FieldDescriptor.CPPTYPE_ENUM, FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_MESSAGE}
# Options with one crop, and options with a list of cases.
_ONE_CROP = ("random_crop_image", "random_crop_pad_image")
_CASES = ("ssd_random_crop", "ssd_random_crop_pad")
# Options that need a setting that a recipe cannot hold, or that have no default that works.
_NEEDS = {"ssd_random_crop_pad": "operations", "subtract_channel_mean": "means", "normalize_image": "target_maxval"}


@dataclass(frozen=True, kw_only=True)
class GivenAugmentation:
    """options: all, with their numbers. held: those that a recipe holds. left_out: the other ones, and why the recipe has them
    not.
    crops: the random crops, by name."""

    options: tuple[Augmentation, ...]
    held: tuple[Augmentation, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    crops: tuple[tuple[str, CropCases], ...] = ()


def read(steps: Sequence[Any]) -> GivenAugmentation:
    """steps: PreprocessingStep messages without a problem that `refused` names."""
    found = [(option.name, settings) for step in steps for option, settings in step.ListFields()]
    reasons = [(name, _why_not(name, settings)) for name, settings in found]
    held = [_option(*one) for one, (_, why) in zip(found, reasons, strict=True) if not why]
    left = [(name, why) for name, why in reasons if why]
    left += [(option.name, f"a recipe has at most {_MOST_HELD} options") for option in held[_MOST_HELD:]]
    crops = [(name, cases) for name, settings in found if (cases := _cases(name, settings))]
    options = tuple(_option(*one) for one in found)
    return GivenAugmentation(options=options, held=tuple(held[:_MOST_HELD]), left_out=tuple(left), crops=tuple(crops))


def of_recipe(recipe: Recipe) -> GivenAugmentation:
    """The augmentation of a recipe. Raises UserError for an option that augment and train refuse."""
    crops, problems = [], []
    for option in (option for option in recipe.augmentation if not option.ours):
        try:
            settings = _message(option)
        except UserError as error:
            problems.append(str(error))
            continue
        problems += [f"augmentation {option.name}.{problem}" for problem in od_api_options.refused(settings)]
        if why := od_api_options.NEVER.get(option.name) or _unset(option.name, settings):
            problems.append(f"augmentation {option.name}: {why}; remove it from the recipe")
        crops += [(option.name, cases)] if (cases := _cases(option.name, settings)) else []
    if problems:
        raise UserError("; ".join(problems))
    return GivenAugmentation(options=recipe.augmentation, held=recipe.augmentation, crops=tuple(crops))


def _message(option: Augmentation) -> Any:
    step = od_api_protos.PreprocessingStep()
    try:
        return getattr(json_format.ParseDict({option.name: option.options}, step), option.name)
    except json_format.ParseError as error:
        raise UserError(f"augmentation {brief(option.name)}: {brief(error)}") from None


def refused(steps: Sequence[Any]) -> Iterator[str]:
    """What the OD API refuses, each as `field: value is ...`."""
    if len(steps) > _MOST_STEPS:
        yield f"number of {PATH}: {len(steps)}; expected 0 to {_MOST_STEPS}"
        return
    for at, step in enumerate(steps):
        for option, settings in step.ListFields():
            yield from (f"{PATH}[{at}].{option.name}.{problem}" for problem in od_api_options.refused(settings))


def _why_not(name: str, settings: Any) -> str:
    """Why a recipe cannot hold an option, or augment refuses it; empty if a recipe holds it."""
    if why := od_api_options.NEVER.get(name):
        return f"`boxwright augment` cannot run it: {why}"
    if lists := [field.name for field, _ in settings.ListFields() if not _is_number(field)]:
        return f"a recipe holds numbers only, and it has {', '.join(lists)}"
    return _unset(name, settings)


def _unset(name: str, settings: Any) -> str:
    needed = _NEEDS.get(name)
    return (
        f"it fails without {needed}" if needed and not any(f.name == needed for f, _ in settings.ListFields()) else ""
    )


def _option(name: str, settings: Any) -> Augmentation:
    numbers = {field.name: value for field, value in settings.ListFields() if _is_number(field)}
    numbers = {key: shortest(value) if isinstance(value, float) else value for key, value in numbers.items()}
    return Augmentation(name=name, options=numbers, reason="the given pipeline.config")


def _is_number(field: Any) -> bool:
    """field: a FieldDescriptor."""
    return not fields.repeated(field) and field.cpp_type not in _NOT_NUMBERS


def _cases(name: str, settings: Any) -> CropCases | None:
    """The random crop of an option, with its own operations; None if it is no crop that can be simulated."""
    if name in _ONE_CROP:
        return _of([settings])
    if name in _CASES and settings.operations:
        return _of(settings.operations)
    return SSD_RANDOM_CROP if name == "ssd_random_crop" else None


def _of(operations: Sequence[Any]) -> CropCases:
    def each(name: str) -> tuple[float, ...]:
        return tuple(shortest(getattr(one, name)) for one in operations)

    return CropCases(
        covered=each("min_object_covered"),
        overlap=each("overlap_thresh"),
        whole=each("random_coef"),
        aspect=tuple(zip(each("min_aspect_ratio"), each("max_aspect_ratio"), strict=True)),
        area=tuple(zip(each("min_area"), each("max_area"), strict=True)),
    )

"""Our own augmentations by name, with the settings that a recipe may give: what they do is in core/od/augmentations.py."""

from typing import NamedTuple


class Setting(NamedTuple):
    default: float
    low: float
    high: float


_COMMON = {"probability": Setting(0.5, 0.0, 1.0)}
_CUTS = _COMMON | {"visible": Setting(0.4, 0.0, 1.0)}
SETTINGS: dict[str, dict[str, Setting]] = {
    "rotate": _CUTS | {"degrees": Setting(10.0, 0.0, 45.0)},
    "shear": _CUTS | {"slope": Setting(0.1, 0.0, 0.5)},
    "zoom_out": _COMMON | {"largest": Setting(1.5, 1.0, 4.0)},
    "mosaic": _CUTS,
    "mixup": _COMMON,
    "cutmix": _CUTS,
    "copy_paste": _CUTS | {"chance": Setting(0.5, 0.0, 1.0)},
}
# Images that one draw takes; 1 where there is no entry.
_IMAGES = {"mosaic": 4, "mixup": 2, "cutmix": 2, "copy_paste": 2}


def complete(name: str, options: dict[str, float | int | bool]) -> dict[str, float]:
    """All settings of one of ours, given or default. Raises ValueError that names the setting and what it may be."""
    known = SETTINGS[name]
    for key, value in options.items():
        if key not in known:
            raise ValueError(f"options.{key}: {name} has no such setting; it has {', '.join(known)}")
        if isinstance(value, bool) or not known[key].low <= value <= known[key].high:
            raise ValueError(f"options.{key}: {value} is not in {known[key].low:g} to {known[key].high:g}")
    return {key: float(options.get(key, setting.default)) for key, setting in known.items()}


def images(names: list[str]) -> int:
    """The most images that a draw of any of these options takes."""
    return max((_IMAGES.get(name, 1) for name in names), default=1)


def most_boxes(names: list[str], in_one: int) -> int:
    """The most boxes that an image can have after all of these, where none has more than `in_one` before. names: of all options;
    one of the OD API's sets an image beside and above itself."""
    copies = 4 ** names.count("random_self_concat_image")
    return copies * in_one * (1 + sum(_IMAGES.get(name, 1) - 1 for name in names))

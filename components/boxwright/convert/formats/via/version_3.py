"""VIA 3's project of images in the form of VIA 2: entries of images with regions.

A project has files, views (of one file, if they show an image), and metadata: shapes with values of numbered attributes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

from boxwright.core.runtime.errors import shown

Values = Mapping[str, Any]
# `vid_list` is in the project.
KEYS = ("project", "attribute", "file", "view", "metadata", "vid_list")
_IMAGE = 2
# Attributes whose values are numbers of options; the others hold text.
_CHECKBOX, _OPTIONS = 2, (2, 3, 4, 5)
# The shapes by their number in `_VIA_RSHAPE`, with the words of VIA 2.
_Shape = Callable[[Sequence[float]], dict[str, Any]]


def _polygon(numbers: Sequence[float]) -> dict[str, Any]:
    return {"name": "polygon", "all_points_x": list(numbers[::2]), "all_points_y": list(numbers[1::2])}


_SHAPES: dict[int, _Shape] = {
    1: lambda _: {"name": "point"},
    2: lambda xy: {"name": "rect", **dict(zip(("x", "y", "width", "height"), xy, strict=False))},
    3: lambda xy: {"name": "circle", **dict(zip(("cx", "cy", "r"), xy, strict=False))},
    4: lambda xy: {"name": "ellipse", **dict(zip(("cx", "cy", "rx", "ry"), xy, strict=False))},
    5: lambda _: {"name": "line"},
    6: lambda _: {"name": "polyline"},
    7: _polygon,
    8: _polygon,  # a rectangle by the four points where it touches the object
}


def is_project(content: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(content, dict) and all(isinstance(content.get(key), dict) for key in KEYS[:-1])


def has_videos(project: Values) -> bool:
    return any(isinstance(file, dict) and file.get("type", _IMAGE) != _IMAGE for file in project["file"].values())


def entries(project: Values) -> list[tuple[str, Values]]:
    """Pairs of a key and an image, as in `_via_img_metadata` of VIA 2."""
    found = {str(number): _entry(file) for number, file in project["file"].items() if isinstance(file, dict)}
    names = {number: _attribute(how) for number, how in project["attribute"].items() if isinstance(how, dict)}
    for each in project["metadata"].values():
        entry = _entry_of(each, project["view"], found) if isinstance(each, dict) else None
        if entry and each.get("xy"):
            entry["regions"].append(_region(each, names))
        elif entry:
            entry["file_attributes"].update(_values(each, names))
    return list(found.items())


def _entry(file: Values) -> dict[str, Any]:
    return {"filename": str(file.get("fname") or file.get("src")), "regions": [], "file_attributes": {}}


def _entry_of(metadata: Values, views: Values, found: Mapping[str, dict[str, Any]]) -> dict[str, Any] | None:
    """The image of a view."""
    view = views.get(str(metadata.get("vid")))
    numbers = view.get("fid_list") if isinstance(view, dict) else None
    return found.get(str(numbers[0])) if isinstance(numbers, list) and numbers else None


def _attribute(how: Values) -> tuple[str, int, dict[str, str]]:
    """The name of an attribute, its type, and the texts of its options by number."""
    options = how.get("options")
    texts = {str(n): str(text) for n, text in options.items()} if isinstance(options, dict) else {}
    kind = how.get("type")
    return str(how.get("aname")), kind if isinstance(kind, int) else 0, texts


def _region(metadata: Values, names: Mapping[str, tuple[str, int, dict[str, str]]]) -> Values | str:
    xy = metadata["xy"]
    shape = _SHAPES.get(xy[0]) if isinstance(xy, list) and isinstance(xy[0], int) else None
    if shape is None:
        return f"the shape {shown(xy)}"
    return {"shape_attributes": shape(xy[1:]), "region_attributes": _values(metadata, names)}


def _values(metadata: Values, names: Mapping[str, tuple[str, int, dict[str, str]]]) -> dict[str, Any]:
    """The values by the names of their attributes. A checkbox has the numbers of its options with commas."""
    values = metadata.get("av")
    found: dict[str, Any] = {}
    for number, value in values.items() if isinstance(values, dict) else ():
        name, kind, options = names.get(number, (f"attribute {number}", 0, {}))
        parts = str(value).split(",") if kind == _CHECKBOX else [str(value)]
        found[name] = [options.get(part, part) for part in parts] if kind in _OPTIONS else value
    return found

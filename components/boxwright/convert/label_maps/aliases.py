"""Which of its two names an item of a label map has in the data.

The OD API's decoder looks for a text among the items' `name`, then among their `display_name`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from boxwright.convert.reading.source import Image
from boxwright.core.labels import Item


def class_names(items: Sequence[Item], used: Collection[str]) -> list[str]:
    """The class name of each item: the one that the annotations use, `name` first. Of an item whose name is a key such as
    `/m/01g317`, the display_name."""
    names = {item.name for item in items}
    return [_class_name(item, used, names) for item in items]


def _class_name(item: Item, used: Collection[str], names: Collection[str]) -> str:
    shown = bool(item.display_name) and item.display_name in used
    by_display = shown and item.name not in used and item.display_name not in names
    return item.display_name if by_display else item.class_name


def renames(items: Sequence[Item], used: Collection[str]) -> dict[str, str]:
    """The class name for each used name that is another name of an item. `name` counts before `display_name`."""
    pairs = list(zip(items, class_names(items, used), strict=True))
    of_display = {item.display_name: chosen for item, chosen in pairs if item.display_name}
    known = of_display | {item.name: chosen for item, chosen in pairs if item.name}
    return {name: chosen for name, chosen in known.items() if name in used and name != chosen}


def rename(images: Iterable[Image], names: Mapping[str, str]) -> list[Image]:
    """The images with the classes of their objects renamed."""
    return [_renamed(image, names) for image in images]


def _renamed(image: Image, names: Mapping[str, str]) -> Image:
    objects = (o._replace(name=names[n]) if (n := o.name.strip()) in names else o for o in image.objects)
    return image._replace(objects=tuple(objects))

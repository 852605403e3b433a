"""The label map of `--label-map`: its classes have other names in some annotations."""

from collections.abc import Sequence
from dataclasses import replace

from boxwright.convert.label_maps import aliases
from boxwright.convert.reading.source import Source
from boxwright.core.labels import Item


def apply(source: Source, items: Sequence[Item]) -> tuple[Source, list[str]]:
    """The data set with the class names of the label map, and these names in the order of their ids."""
    used = {name for image in source.images for item in image.objects if (name := item.name.strip())}
    declared = [name.strip() for name in source.categories]
    names = aliases.renames(items, {*used, *declared})
    classes = aliases.class_names(items, {*used, *declared})
    if not names:
        return source, classes
    categories = list(dict.fromkeys(names.get(name, name) for name in declared))
    return replace(source, images=aliases.rename(source.images, names), categories=categories), classes

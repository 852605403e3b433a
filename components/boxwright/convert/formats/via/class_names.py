"""Which attribute of VIA's regions names the class. VIA has attributes only, and their names are the user's."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from boxwright.convert.formats.via.documents import Document, Values
from boxwright.core import plurals
from boxwright.core.runtime.errors import UserError, few
from boxwright.core.runtime.printable import visible_line

# Names of an attribute that can only mean the class, and names that mean it if there is none of the first.
_CERTAIN = {"class", "classes", "classname", "classlabel", "label", "labels", "labelname", "category", "categories"}
_CERTAIN |= {"categoryname", "objectclass", "objectlabel", "objecttype", "objectcategory"}
_LIKELY = {"name", "type", "object", "objects", "objectname", "species", "kind", "item", "tag", "defect", "defecttype"}
# An attribute that fewer of the regions have does not name the class: real ones are left out by mistake only.
_LEAST_SHARE = 0.5
# Real classes have several objects each. A text of its own in more than half of 20 or more regions is a note or a number.
_LEAST_REGIONS, _MOST_DISTINCT = 20, 0.5


class Attribute(NamedTuple):
    """regions: how many have a value. values: the values with their counts."""

    name: str
    regions: int
    values: Counter[str]


def names_in(value: object) -> list[str]:
    """What an attribute's value names: a text, the option of a radio or a dropdown, or the checked options of a checkbox."""
    if isinstance(value, dict):
        return [str(option) for option, checked in value.items() if checked is True or checked in (1, "1", "true")]
    found = value if isinstance(value, list) else [value]
    return [text for item in found if isinstance(item, str | int | float) and (text := str(item).strip())]


def choose(document: Document) -> tuple[str, list[str]]:
    """The attribute that names the class, and the others that have values. Empty if no region has any.

    Raises UserError if that cannot be decided.
    """
    total = sum(len(entry.regions) for entry in document.entries)
    found = _attributes(region.attributes for entry in document.entries for region in entry.regions)
    if not found:
        return "", []
    chosen = _chosen(found, total)
    if chosen is None or _is_note(chosen, total):
        raise UserError(_undecided(document, found))
    return chosen.name, [each.name for each in found if each is not chosen]


def of_images(document: Document) -> str:
    """The attribute of the images that names the class of their regions. Empty if none has a name of a class for all of them."""
    entries = [entry for entry in document.entries if entry.regions]
    found = [each for each in _attributes(entry.attributes for entry in entries) if each.regions == len(entries)]
    certain = [each.name for each in found if _plain(each.name) in _CERTAIN]
    return certain[0] if len(certain) == 1 else ""


def _attributes(all_values: Iterable[Values]) -> list[Attribute]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    regions: Counter[str] = Counter()
    for values in all_values:
        for name, value in values.items():
            if names := names_in(value):
                regions[name] += 1
                counts[name].update(names)
    return [Attribute(name, regions[name], counts[name]) for name in counts]


def _chosen(found: list[Attribute], total: int) -> Attribute | None:
    """The only attribute, or the only one with the name of a class. Of several such names, only one may have several values.

    If all attributes say the same of every region, any of them will do.
    """
    if len(found) == 1 or all(len(each.values) == 1 and each[1:] == (total, found[0].values) for each in found):
        return found[0]
    for words in (_CERTAIN, _LIKELY):
        alike = [each for each in found if _plain(each.name) in words]
        varied = [each for each in alike if len(each.values) > 1]
        if alike:
            chosen = (varied if len(varied) == 1 else alike)[0]
            is_only = len(alike) == 1 or len(varied) == 1
            return chosen if is_only and chosen.regions >= _LEAST_SHARE * total else None
    return None


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name[:80].lower())


def _is_note(attribute: Attribute, total: int) -> bool:
    distinct = len(attribute.values)
    return _plain(attribute.name) not in _CERTAIN and total >= _LEAST_REGIONS and distinct > _MOST_DISTINCT * total


def _undecided(document: Document, found: list[Attribute]) -> str:
    listed = few([_in_words(each) for each in found], 6)
    return (
        f"{document.file}: which attribute names the class of a region? Found {listed}; expected one with the name class, label, "
        "category, type or name that most regions have. Give the right attribute the name `class` (VIA 2: Attributes, or in the "
        "file) and export it again"
    )


def _in_words(attribute: Attribute) -> str:
    values = few([visible_line(value[:40]) for value, _ in attribute.values.most_common(3)])
    more = ", ..." if len(attribute.values) > 3 else ""
    return f"{attribute.name[:80]!r} in {plurals.count(attribute.regions, 'region')} ({values}{more})"


def in_words(name: str, options: Mapping[str, str]) -> str:
    """The text that a numbered option stands for (VIA's own COCO export writes it); an option with a word keeps the word."""
    return options.get(name) or name if name.isdigit() else name

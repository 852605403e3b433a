"""The classes of objects in TFRecords, which have a text, a number, or both."""

from collections import Counter
from collections.abc import Sequence

from boxwright.convert import notices
from boxwright.convert.label_maps import aliases, in_data
from boxwright.convert.label_maps.in_data import Maps
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.source import Image
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.labels import Item
from boxwright.core.runtime.errors import UserError, few, shown

# Pairs of text and number that a notice shows, and numbers that an error shows.
_SHOWN = 3
_GIVE = "give the label map of the records with --label-map"


class RecordClasses:
    """Names the classes of one folder's records. The text comes first, as in the OD API's decoder; the label map names a number.

    The label map is that of `--label-map`, else those in the folder.
    """

    def __init__(self, folder: Folder):
        self._maps, self._given, self._root = in_data.find(folder), folder.label_map, folder.root
        self._items: Sequence[Item] = self._given or self._maps.items
        self._by_number = {item.id: item for item in self._items}
        self._texts = {name for item in self._items for name in (item.name, item.display_name)}
        self._pairs: Counter[tuple[str, int | None]] = Counter()
        self._numbers: Counter[int | None] = Counter()

    def name(self, text: str, number: int | None) -> str:
        """The class of an object; empty if neither its text nor a label map names it."""
        if not text or (text.isdecimal() and text not in self._texts and self._is_number(text, number)):
            self._numbers[number] += 1
            item = self._by_number.get(number) if number is not None else None
            return item.class_name if item else text
        self._pairs[text, number] += 1
        return text

    def _is_number(self, text: str, number: int | None) -> bool:
        """Whether a text such as `2` only repeats the number."""
        return number is not None and text == str(number) and number in self._by_number

    def check(self) -> None:
        """Raises UserError if numbers without text have no certain name."""
        if not (count := sum(self._numbers.values())):
            return
        objects = f"{plurals.count(count, 'object')} of the records have a number and no name"
        if self._maps.differ and not self._given:
            raise UserError(
                f"{self._root}: {objects}, and the label maps disagree: {self._maps.differ}. {_GIVE.capitalize()}, or move the "
                "wrong one out of the data"
            )
        if differ := in_data.conflict(self._given, self._maps):
            raise UserError(
                f"{self._root}: {objects}, and the label maps disagree: {differ}. Move the one that does not belong to the "
                "records out of the data, or leave --label-map out"
            )
        if not self._pairs and not set(self._numbers) & set(self._by_number):
            raise UserError(f"{self._root}: {self._without_names(objects)}")

    def _without_names(self, objects: str) -> str:
        numbers = few([str(number) for number in sorted(n for n in self._numbers if n is not None)], _SHOWN) or "none"
        if self._items:
            known = few([str(number) for number in sorted(self._by_number)], _SHOWN)
            return f"{objects} (class/label {numbers}), and the label map has the ids {known}; {_GIVE}"
        return f"{objects} (class/label {numbers}), and there is no label map; {_GIVE}, or put it beside the records"

    def settled(self, images: Sequence[Image]) -> tuple[list[Image], list[str]]:
        """The images with one name for each class, and the names of all classes of the label map."""
        used = {item.name.strip() for image in images for item in image.objects}
        names = aliases.renames(self._items, used)
        return aliases.rename(images, names) if names else list(images), aliases.class_names(self._items, used)

    def notices(self) -> list[Finding]:
        wrong = self._contradictions()
        found = [_differ_notice(self._maps)] if self._maps.differ else []
        return found + ([_numbers_notice(wrong, sum(self._pairs.values()))] if wrong else [])

    def _contradictions(self) -> list[tuple[str, int]]:
        """What texts and numbers contradict, each with the number of objects. Numbers up to 0 name no class."""
        counts: Counter[tuple[str, int]] = Counter()
        for (text, number), count in self._pairs.items():
            if number is not None and number > 0:
                counts[text.strip(), number] += count
        if self._by_number:
            wrong = [(pair, n) for pair, n in counts.items() if not self._fits(*pair)]
            return [
                (f"{shown(t)} has the number {k} of {shown(self._by_number[k].class_name)}", n) for (t, k), n in wrong
            ]
        return _several(counts)

    def _fits(self, text: str, number: int) -> bool:
        item = self._by_number.get(number)
        return item is None or text.casefold() in (item.name.casefold(), item.display_name.casefold())


def _several(counts: Counter[tuple[str, int]]) -> list[tuple[str, int]]:
    """Texts with several numbers, and numbers with several texts. The most frequent pair of each counts as right."""
    texts: dict[str, int] = {}
    numbers: dict[int, str] = {}
    wrong = []
    for (text, number), count in counts.most_common():
        known, other = texts.setdefault(text, number), numbers.setdefault(number, text)
        if known != number:
            wrong.append((f"{shown(text)} has the numbers {known} and {number}", count))
        elif other != text:
            wrong.append((f"the number {number} is {shown(other)} and {shown(text)}", count))
    return wrong


def _numbers_notice(wrong: list[tuple[str, int]], total: int) -> Finding:
    texts = tuple(text for text, _ in wrong)
    count = sum(count for _, count in wrong)
    return notices.build(
        "text_and_number_differ", "Names and numbers of classes contradict each other",
        f"class/text and class/label contradict each other for {plurals.count(count, 'object')}: {few(texts, _SHOWN)}. The names "
        "are used, as in the OD API", count=count, of=total, what="objects", severity="medium", items=texts,
        remedy="Look at some of these objects. If the numbers are right, write the records again with the right names.",
    )  # fmt: skip


def _differ_notice(maps: Maps) -> Finding:
    return notices.build(
        "label_maps_differ", "The label maps of the data disagree",
        f"{few(maps.files, _SHOWN)} disagree: {maps.differ}. None is used, because every object has a name in the records",
        count=len(maps.files), of=len(maps.files), what="label maps", severity="low", items=maps.files,
        remedy="Move the label maps that do not belong to the records out of the data.",
    )  # fmt: skip

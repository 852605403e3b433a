"""What was lost at the door: the images and objects that convert did not store, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from boxwright.core.artifacts.dataset import Dataset, kind_of, why
from boxwright.core.plurals import count


@dataclass(frozen=True)
class Lost:
    """What one cause took. n: images or objects. what: `12 images`. why: as the end of a sentence. harmless: training loses
    nothing that was meant for it."""

    n: int
    what: str
    why: str
    harmless: bool


@dataclass(frozen=True)
class Door:
    """stored, found: `364 images and 4,886 objects`. lost: by cause, harm first, then the most frequent first."""

    found: str
    stored: str
    lost: tuple[Lost, ...]

    @property
    def complete(self) -> bool:
        return self.found == self.stored


def of(dataset: Dataset) -> Door:
    splits = dataset.splits.values()
    stored = _sum(sum(split.images for split in splits), sum(split.objects for split in splits))
    lost = [*_lost("image", dataset.quarantined.images), *_lost("object", dataset.quarantined.objects)]
    ordered = sorted(lost, key=lambda one: (one.harmless, -one.n))
    return Door(_sum(dataset.found.images, dataset.found.objects), stored, tuple(ordered))


def _sum(images: int, objects: int) -> str:
    return f"{count(images, 'image')} and {count(objects, 'object')}"


def _lost(noun: str, by_reason: Mapping[str, int]) -> Iterator[Lost]:
    for reason, n in by_reason.items():
        if n:
            kind = kind_of(reason)
            yield Lost(n, count(n, noun), why(reason, of_images=noun == "image"), kind == "none")

"""What TFDV does not see: inverted boxes, unequal list lengths, copies of one picture, counts that differ from the manifest."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from boxwright.core import records
from boxwright.validate.reasons import Reason

_BOX = [f"image/object/bbox/{side}" for side in ("ymin", "xmin", "ymax", "xmax")]
_PER_OBJECT = [*_BOX, "image/object/class/label", "image/object/class/text"]


@dataclasses.dataclass
class Split:
    """Running totals over the examples of one split; the lists name the files, by their first few examples.

    widths, heights: sides of the objects relative to the image, for the page.
    """

    images: int = 0
    per_class: Counter = dataclasses.field(default_factory=Counter)
    empty_images: int = 0
    inverted: list[str] = dataclasses.field(default_factory=list)
    unequal: list[str] = dataclasses.field(default_factory=list)
    digests: dict[str, str] = dataclasses.field(default_factory=dict)
    repeated: list[str] = dataclasses.field(default_factory=list)
    sizes: list[float] = dataclasses.field(default_factory=list)
    objects_per_image: list[int] = dataclasses.field(default_factory=list)

    @property
    def objects(self) -> int:
        return sum(self.per_class.values())


def read(folder: Path, split: str) -> Split:
    """One pass over the examples of a split; the pictures are not decoded."""
    totals = Split()
    for shard in records.shards(folder, split):
        for lists in map(_lists, records.serialized(shard)):
            _add(totals, lists)
    return totals


def _lists(data: bytes) -> dict[str, list]:
    """Values of each feature of one example, whatever its type."""
    from tensorflow.core.example.example_pb2 import Example

    features = Example.FromString(data).features.feature
    return {
        name: list(getattr(value, value.WhichOneof("kind")).value) if value.WhichOneof("kind") else []
        for name, value in features.items()
        if name != "image/encoded"
    }


def _add(totals: Split, lists: dict[str, list]) -> None:
    filename = _text(lists, "image/filename")
    labels = lists.get("image/object/class/label", [])
    totals.images += 1
    totals.per_class.update(labels)
    totals.objects_per_image.append(len(labels))
    totals.empty_images += not labels
    digest = _text(lists, "image/key/sha256")
    if digest in totals.digests:
        totals.repeated.append(filename)
    totals.digests[digest] = filename
    if len({len(lists.get(name, [])) for name in _PER_OBJECT}) > 1:
        totals.unequal.append(filename)
        return
    ymin, xmin, ymax, xmax = (np.array(lists.get(name, []), float) for name in _BOX)
    if not ((ymax > ymin) & (xmax > xmin)).all():
        totals.inverted.append(filename)
    totals.sizes.extend(np.sqrt(np.clip((ymax - ymin) * (xmax - xmin), 0, None)))


def _text(lists: dict[str, list], name: str) -> str:
    return lists.get(name, [b""])[0].decode(errors="replace")


def broken(splits: dict[str, Split]) -> Iterator[Reason]:
    """Examples that would train on nonsense."""
    for split, totals in splits.items():
        if totals.inverted:
            yield Reason.error(
                "inverted_boxes",
                f"{split}: {_some(totals.inverted)} with a box whose maximum is not above "
                "its minimum; run convert again",
                len(totals.inverted),
            )
        if totals.unequal:
            yield Reason.error(
                "unequal_lengths",
                f"{split}: {_some(totals.unequal)} with unequal numbers of box sides and labels; run convert again",
                len(totals.unequal),
            )


def copies(splits: dict[str, Split]) -> Iterator[Reason]:
    """Pictures, equal byte for byte, in two splits or twice in one."""
    names = list(splits)
    for i, first in enumerate(names):
        if splits[first].repeated:
            yield Reason.caveat(
                "repeated_images",
                f"{first}: {_some(splits[first].repeated)} equal to another byte for byte",
                len(splits[first].repeated),
            )
        for second in names[i + 1 :]:
            both = splits[first].digests.keys() & splits[second].digests.keys()
            if both:
                files = sorted(splits[second].digests[digest] for digest in both)
                yield Reason.caveat(
                    "copies_across_splits",
                    f"{second}: {_some(files)} also in {first}, byte for byte: its AP is partly remembered",
                    len(both),
                )


def _some(files: list[str]) -> str:
    listed = ", ".join(files[:3]) + (", ..." if len(files) > 3 else "")
    return f"{len(files)} image{'s' if len(files) > 1 else ''} ({listed})"

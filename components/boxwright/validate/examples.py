"""What TFDV does not see: inverted boxes, unequal list lengths, copies of one picture, counts that differ from the manifest."""

import dataclasses
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boxwright.core.records import tfrecords
from boxwright.validate.reasons import Reason

_BOX = [f"image/object/bbox/{side}" for side in ("ymin", "xmin", "ymax", "xmax")]
_LABEL = "image/object/class/label"
_PER_OBJECT = [*_BOX, _LABEL, "image/object/class/text"]
# A picture of the second split is known from the first, and what that means for the second.
ACROSS = tuple(itertools.combinations(tfrecords.SPLITS, 2))
LEAKED = {
    "train": "its AP is partly remembered; move all copies of a picture to one split",
    "val": "its AP is partly that of val, which chose the step; move all copies of a picture to one split",
}


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """What was read of some examples.

    per_class: objects by class id; inverted, unequal: names of such files; files: names and digests of all, as Arrow holds
    them, 90 bytes an image; sizes: (objects,) sides relative to the image, of the examples whose lists are equally long;
    objects_per_image: (images,).
    """

    per_class: Counter
    inverted: list[str]
    unequal: list[str]
    files: pa.Table
    sizes: np.ndarray
    objects_per_image: np.ndarray

    @property
    def images(self) -> int:
        return len(self.objects_per_image)

    @property
    def empty_images(self) -> int:
        return int((self.objects_per_image == 0).sum())

    @property
    def objects(self) -> int:
        return self.per_class.total()


_FILES = pa.schema([("filename", pa.string()), ("sha256", pa.string())])


def merged(parts: Iterable[Split]) -> Split:
    """The parts as one, in their order."""
    parts = [Split(Counter(), [], [], _FILES.empty_table(), np.empty(0, np.float32), np.empty(0, np.int32)), *parts]
    return Split(
        per_class=sum((part.per_class for part in parts), Counter()),
        inverted=[name for part in parts for name in part.inverted],
        unequal=[name for part in parts for name in part.unequal],
        files=pa.concat_tables([part.files for part in parts]),
        sizes=np.concatenate([part.sizes for part in parts]),
        objects_per_image=np.concatenate([part.objects_per_image for part in parts]),
    )


def of(batch: pa.RecordBatch) -> Split:
    """batch: of `batches.read`; an example without a feature has none of its values."""
    names = _texts(batch, "image/filename")
    lengths = {name: _lengths(batch, name) for name in _PER_OBJECT}
    whole = np.all([length == lengths[_LABEL] for length in lengths.values()], axis=0)
    labels = _values(batch, _LABEL)
    ymin, xmin, ymax, xmax = (_values(batch.filter(pa.array(whole)), side) for side in _BOX)
    owners = np.repeat(np.flatnonzero(whole), lengths[_LABEL][whole])
    inverted = np.unique(owners[~((ymax > ymin) & (xmax > xmin))])
    return Split(
        per_class=Counter(dict(zip(*(found.tolist() for found in np.unique(labels, return_counts=True)), strict=True))),
        inverted=[names[row] for row in inverted],
        unequal=[names[row] for row in np.flatnonzero(~whole)],
        files=pa.table([names, _texts(batch, "image/key/sha256")], schema=_FILES),
        sizes=np.sqrt(np.clip((ymax - ymin) * (xmax - xmin), 0, None)),
        objects_per_image=lengths[_LABEL],
    )


def _lengths(batch: pa.RecordBatch, name: str) -> np.ndarray:
    return pc.fill_null(pc.list_value_length(batch.column(name)), 0).to_numpy(zero_copy_only=False).astype(np.int32)


def _values(batch: pa.RecordBatch, name: str) -> np.ndarray:
    return batch.column(name).flatten().to_numpy(zero_copy_only=False)


def _texts(batch: pa.RecordBatch, name: str) -> list[str]:
    """The first value of each example, empty where there is none."""
    return [(values or [b""])[0].decode(errors="replace") for values in batch.column(name).to_pylist()]


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
    """Pictures, equal byte for byte, in two splits or twice in one. The reasons' value: all pairs of files."""
    for name, split in splits.items():
        if again := repeated(split):
            text = f"{name}: {counted(len(again))} equal to another byte for byte ({named(again)})"
            yield Reason.caveat("repeated_images", text, again)
    for first, second in ACROSS:
        if both := shared(splits[first], splits[second]):
            text = f"{second}: {counted(len(both))} also in {first}, byte for byte ({named(both)}): {LEAKED[first]}"
            yield Reason.caveat("copies_across_splits", text, both)


def repeated(split: Split) -> list[list[str]]:
    """[first, again]: each file whose bytes are those of an earlier one."""
    numbers = split.files["sha256"].combine_chunks().dictionary_encode().indices.to_numpy()
    first = np.unique(numbers, return_index=True)[1][numbers] if len(numbers) else numbers
    later = np.flatnonzero(first != np.arange(len(numbers)))
    return _pairs(split.files["filename"].take(pa.array(first[later])), split.files["filename"].take(pa.array(later)))


def shared(first: Split, second: Split) -> list[list[str]]:
    """[seen, other]: each file of the second split whose bytes are those of one in the first, and that one, sorted by `other`."""
    rows = pc.index_in(second.files["sha256"], value_set=first.files["sha256"].combine_chunks())
    others = second.files["filename"].filter(pc.is_valid(rows))
    return _pairs(first.files["filename"].take(rows.drop_null()), others)


def _pairs(first: pa.ChunkedArray, second: pa.ChunkedArray) -> list[list[str]]:
    return sorted(map(list, zip(first.to_pylist(), second.to_pylist(), strict=True)), key=lambda pair: pair[::-1])


def named(pairs: list[list[str]]) -> str:
    """The first few of [seen, other]."""
    return ", ".join(f"{other} is {seen}" for seen, other in pairs[:3]) + (", ..." if len(pairs) > 3 else "")


def counted(n: int) -> str:
    return f"{n} image{'s' if n > 1 else ''}"


def _some(files: list[str]) -> str:
    listed = ", ".join(files[:3]) + (", ..." if len(files) > 3 else "")
    return f"{counted(len(files))} ({listed})"

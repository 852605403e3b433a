"""Counts from the records of a split that TFDV's statistics do not have."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from boxwright.validate.tfdv.untyped import compute

_BOX = [f"image/object/bbox/{side}" for side in ("ymin", "xmin", "ymax", "xmax")]
_LABEL = "image/object/class/label"
_PER_OBJECT = [*_BOX, _LABEL, "image/object/class/text"]
_FILES = pa.schema([("filename", pa.string()), ("sha256", pa.string())])


@dataclass(frozen=True, eq=False)
class SplitStats:
    """Counts of some examples.

    per_class: objects by class id.
    inverted: files with a box whose maximum is not above its minimum.
    unequal: files whose lists of box sides and labels have different lengths.
    files: name and digest of each file, as Arrow holds them (90 bytes an image).
    sizes: (objects,) side of each box relative to the image; only of the examples whose lists have equal lengths.
    objects_per_image: (images,).
    """

    per_class: Counter[int]
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


def merge(parts: Iterable[SplitStats]) -> SplitStats:
    """Merges the parts, in their order."""
    none = SplitStats(Counter(), [], [], _FILES.empty_table(), np.empty(0, np.float32), np.empty(0, np.int32))
    parts = [none, *parts]
    return SplitStats(
        per_class=sum((part.per_class for part in parts), Counter()),
        inverted=[name for part in parts for name in part.inverted],
        unequal=[name for part in parts for name in part.unequal],
        files=pa.concat_tables([part.files for part in parts]),
        sizes=np.concatenate([part.sizes for part in parts]),
        objects_per_image=np.concatenate([part.objects_per_image for part in parts]),
    )


def from_batch(batch: pa.RecordBatch) -> SplitStats:
    """batch: of `arrow_batches.read`. If an example lacks a feature, it counts as having no values."""
    names = _texts(batch, "image/filename")
    lengths = {name: _lengths(batch, name) for name in _PER_OBJECT}
    whole = np.all([length == lengths[_LABEL] for length in lengths.values()], axis=0)
    ymin, xmin, ymax, xmax = (_values(batch.filter(pa.array(whole)), side) for side in _BOX)
    owners = np.repeat(np.flatnonzero(whole), lengths[_LABEL][whole])
    inverted = np.unique(owners[~((ymax > ymin) & (xmax > xmin))])
    ids, counts = np.unique(_values(batch, _LABEL), return_counts=True)
    return SplitStats(
        per_class=Counter(dict(zip(ids.tolist(), counts.tolist(), strict=True))),
        inverted=[names[row] for row in inverted],
        unequal=[names[row] for row in np.flatnonzero(~whole)],
        files=pa.table([names, _texts(batch, "image/key/sha256")], schema=_FILES),
        sizes=np.sqrt(np.clip((ymax - ymin) * (xmax - xmin), 0, None)),
        objects_per_image=lengths[_LABEL],
    )


def _lengths(batch: pa.RecordBatch, name: str) -> np.ndarray:
    """(examples,) number of values of a feature."""
    return (
        compute.fill_null(compute.list_value_length(batch.column(name)), 0)
        .to_numpy(zero_copy_only=False)
        .astype(np.int32)
    )


def _values(batch: pa.RecordBatch, name: str) -> np.ndarray:
    """(n,) all values of a feature, one example after the other."""
    return batch.column(name).flatten().to_numpy(zero_copy_only=False)


def _texts(batch: pa.RecordBatch, name: str) -> list[str]:
    """The first value of each example; empty if there is none."""
    return [(values or [b""])[0].decode(errors="replace") for values in batch.column(name).to_pylist()]

"""TFRecords in the TF Object Detection API schema. Only this module knows the names of features and files."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import google_crc32c
import numpy as np
from google.protobuf.message import DecodeError
from PIL.Image import Image

from boxwright.core.artifacts import dataset
from boxwright.core.artifacts.dataset import Dataset, SplitName
from boxwright.core.images import stored_image
from boxwright.core.images.opening import DAMAGE, describe, open_image
from boxwright.core.records.example_proto import Example
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief

SPLITS: tuple[SplitName, ...] = ("train", "val", "test")
# The splits that training does not see.
HELD_OUT: tuple[SplitName, ...] = ("val", "test")
MANIFEST = dataset.FILE
LABEL_MAP = "label_map.pbtxt"
QUARANTINE = dataset.QUARANTINE
# Bytes of one record: an image of 178 million pixels has as many without compression.
MOST_BYTES = 512 * limits.MIB
# Objects of one image: convert's own limit is 1,000, and the fullest images of public sets have 20,000.
MOST_OBJECTS = 50_000
# Classes of a label map: the largest public sets have 20,000.
MOST_CLASSES = 1_000_000


def shard_name(split: str, index: int, count: int) -> str:
    return f"{split}-{index:05d}-of-{count:05d}.tfrecord"


def shards(records: Path, split: str) -> list[Path]:
    """The files of one split in order; empty if the split has none."""
    return sorted(records.glob(f"{split}-?????-of-?????.tfrecord"))


def manifest(records: Path) -> Dataset:
    """The manifest of a folder that convert wrote. Raises UserError for any other folder."""
    return dataset.read(records / MANIFEST)


def classes(records: Path) -> list[str]:
    """Class names in the order of their ids 1..n."""
    return manifest(records).class_names


@dataclass(frozen=True, eq=False)
class Record:
    """One image.

    boxes_yxyx: (n, 4) float32, fractions of height and width, 0..1. class_ids: (n,) int64 from 1. is_crowd: (n,) bool.
    encoded: JPEG or PNG bytes. sha256: hex digest of `encoded`, as convert wrote it.
    """

    filename: str
    height: int
    width: int
    encoded: bytes
    sha256: str
    boxes_yxyx: np.ndarray
    class_ids: np.ndarray
    is_crowd: np.ndarray

    def picture(self, mode: str) -> Image:
        """The decoded image. mode: Pillow's, such as RGB. Raises UserError if it is damaged (see `--pixels trust`)."""
        return self._decoded(mode, None)

    def thumbnail(self, mode: str, side: int) -> Image:
        """The image with a longest side of at most `side` pixels. A JPEG is decoded at an eighth to half of its size, which is
        several times as fast. Raises UserError as `picture` does."""
        image = self._decoded(mode, side)
        image.thumbnail((side, side))
        return image

    def _decoded(self, mode: str, side: int | None) -> Image:
        try:
            with open_image(self.encoded) as image:
                if side:
                    image.draft(mode, (side, side))
                return image.convert(mode)
        except DAMAGE as error:
            raise UserError(
                f"{self.filename} cannot be decoded ({describe(error)}); run `boxwright convert` again with --pixels decode: it "
                "quarantines damaged images"
            ) from None


def framed(*parts: bytes) -> tuple[bytes, ...]:
    """The bytes of an example in a TFRecord file: length (8 bytes), its CRC (4), data, its CRC (4). If the data come in parts,
    the result has the same parts, so that nothing is copied."""
    length = sum(map(len, parts)).to_bytes(8, "little")
    return length, _masked_crc(length), *parts, _masked_crc(*parts)


def frames(path: Path) -> Iterator[tuple[bytes, bytes, bytes]]:
    """For each example of a TFRecord file: the length with its CRC, the data, and the CRC of the data.

    Raises UserError if the file is truncated, a checksum does not match, or an example is longer than MOST_BYTES.
    """
    with path.open("rb") as file:
        left = os.fstat(file.fileno()).st_size
        while header := file.read(12):
            if len(header) == 12 and header[8:] != _masked_crc(header[:8]):
                raise UserError(f"{path} is damaged or not a TFRecord file; write it again")
            length = int.from_bytes(header[:8], "little")
            left -= len(header) + length + 4
            if len(header) < 12 or left < 0:
                raise UserError(f"{path} is truncated; write it again")
            limits.check_size(length, MOST_BYTES, f"a record of {path}", "store smaller images")
            data, crc = file.read(length), file.read(4)
            if len(data) < length or len(crc) < 4:
                raise UserError(f"{path} is truncated; write it again")
            if crc != _masked_crc(data):
                raise UserError(f"{path} is damaged: a checksum does not match; write it again")
            yield header, data, crc


def serialized(path: Path) -> Iterator[bytes]:
    """The serialized examples of one TFRecord file. Raises UserError as `frames` does."""
    return (data for _, data, _ in frames(path))


def _masked_crc(*parts: bytes) -> bytes:
    """CRC-32C of the joined parts, masked as in TensorFlow: rotated right by 15 bits, plus a constant."""
    crc = reduce(google_crc32c.extend, parts, 0)
    return (((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def read(records: Path, split: str) -> Iterator[Record]:
    """The images of a split in file order. Raises UserError as `read_shard` does, for a manifest as `manifest` does."""
    known = len(classes(records)) if (records / MANIFEST).exists() else MOST_CLASSES
    for shard in shards(records, split):
        yield from read_shard(shard, known)


def read_shard(shard: Path, classes: int = MOST_CLASSES) -> Iterator[Record]:
    """The images of one TFRecord file. classes: how many the label map has.

    Raises UserError as `frames` does, for an example that convert does not write, and for a class id that is not in 1..classes.
    """
    for number, data in enumerate(serialized(shard)):
        try:
            record = parse(data)
            if record.class_ids.max(initial=1) > classes:
                raise ValueError(f"class id {record.class_ids.max()}, expected 1 to {classes}")
        except (ValueError, LookupError, DecodeError) as error:
            raise UserError(
                f"{shard}: record {number} is not one that this version of convert writes ({brief(error)}): run `boxwright "
                "convert` again"
            ) from None
        yield record


def parse(data: bytes) -> Record:
    """A Record from a serialized tf.train.Example. Raises ValueError, LookupError or DecodeError for any other than convert's."""
    features = Example.FromString(data).features.feature
    sides = [features[f"image/object/bbox/{side}"].float_list.value for side in ("ymin", "xmin", "ymax", "xmax")]
    ids = np.array(features["image/object/class/label"].int64_list.value, np.int64)
    crowd = np.array(features["image/object/is_crowd"].int64_list.value, bool)
    record = Record(
        filename=features["image/filename"].bytes_list.value[0].decode(),
        height=features["image/height"].int64_list.value[0],
        width=features["image/width"].int64_list.value[0],
        encoded=features["image/encoded"].bytes_list.value[0],
        sha256=features["image/key/sha256"].bytes_list.value[0].decode(),
        boxes_yxyx=np.array(sides, np.float32).T.reshape(-1, 4),
        class_ids=ids,
        is_crowd=crowd if len(crowd) == len(ids) else np.zeros(len(ids), bool),
    )
    _check_objects(record)
    stored_image.check(record.encoded, record.height, record.width)
    return record


def _check_objects(record: Record) -> None:
    """Raises ValueError."""
    count = len(record.class_ids)
    if len(record.boxes_yxyx) != count:
        raise ValueError(f"{len(record.boxes_yxyx)} boxes, but {count} classes")
    if count > MOST_OBJECTS:
        raise ValueError(f"{count} objects, at most {MOST_OBJECTS} are read")
    if count and record.class_ids.min() < 1:
        raise ValueError(f"class id {record.class_ids.min()}, expected 1 or more")
    if not np.isfinite(record.boxes_yxyx).all():
        raise ValueError("a coordinate that is not a finite number")

"""Grey thumbnails of pictures with their local features (ORB), and which of them have similar features."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from scipy import sparse

from boxwright.core.records.tfrecords import Record

# Longest side in pixels. Of 400 points, 25 to 250 are found again after a rotation by 20 degrees, a zoom of 1.4 and noise.
SIDE = 320
# Points of a picture. A pair of pictures is compared in 1 ms.
POINTS = 400
# A point's surroundings, and how close to the edge it may lie: ORB's own 31 px leave little of a small picture.
_PATCH = 25
# FAST's threshold: low, because cells and other soft objects have no hard corners.
_FAST = 7
# A word is these bits of a descriptor in one of these tables. Points of a copy differ in 20 to 40 of 256 bits, so one in five
# keeps all 14 bits. On three real sets, 127 of 128 rotated and zoomed copies are then nearest to their original, the last second.
_TABLES, _WORD = 6, 14
_TABLE = np.random.default_rng(0).permuted(np.tile(np.arange(256), (_TABLES, 1)), axis=1)[:, :_WORD]
# A word that this share of the pictures has says nothing, and costs the most time.
_COMMON = 0.2


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """grey: (h, w) uint8. boxes: (n, 4) y, x, y, x in its pixels. classes: (n,) int, of the boxes. points: (k, 2) float32 x, y.
    bits: (k, 32) uint8, their descriptors."""

    grey: np.ndarray
    boxes: np.ndarray
    classes: np.ndarray
    points: np.ndarray
    bits: np.ndarray

    @cached_property
    def words(self) -> np.ndarray:
        """(6 k,) the words of its points, table after table."""
        every = np.unpackbits(self.bits, axis=1)
        place = 1 << np.arange(_WORD)
        return np.concatenate([every[:, chosen] @ place + (table << _WORD) for table, chosen in enumerate(_TABLE)])

    @cached_property
    def mirrored(self) -> "Thumbnail":
        """The picture flipped left to right, with features of its own."""
        boxes = self.boxes.copy()
        boxes[:, [1, 3]] = self.grey.shape[1] - self.boxes[:, [3, 1]]
        return build(np.ascontiguousarray(self.grey[:, ::-1]), boxes, self.classes)


def from_record(record: Record) -> Thumbnail:
    """Raises UserError if the picture is damaged."""
    grey = np.asarray(record.thumbnail("L", SIDE))
    return build(grey, record.boxes_yxyx * np.tile(grey.shape, 2).astype(np.float32), record.class_ids)


def build(grey: np.ndarray, boxes: np.ndarray, classes: np.ndarray) -> Thumbnail:
    orb = cv2.ORB.create(POINTS, edgeThreshold=_PATCH // 2, patchSize=_PATCH, fastThreshold=_FAST)
    found, bits = orb.detectAndCompute(grey, None)  # pyright: ignore[reportArgumentType, reportCallIssue]  (its stub lacks None)
    points = np.array([point.pt for point in found], np.float32).reshape(-1, 2)
    return Thumbnail(grey, boxes, classes, points, np.empty((0, 32), np.uint8) if bits is None else bits)


def likeness(wanted: Sequence[Thumbnail], among: Sequence[Thumbnail]) -> np.ndarray:
    """(wanted, among) cosine of the words that two pictures have, rare words weighing more (tf-idf, as in Sivic and Zisserman,
    Video Google, 2003). The words are bits of the descriptors (locality-sensitive hashing)."""
    words = sparse.csr_matrix(sparse.vstack([_words(wanted), _words(among)]))
    count = len(wanted) + len(among)
    pictures = np.asarray(words.sum(axis=0)).ravel()
    weight = np.log(count / np.maximum(pictures, 1)) * (pictures <= max(2, _COMMON * count))
    words = sparse.csr_matrix(words @ sparse.diags(weight))
    length = np.sqrt(np.asarray(words.power(2).sum(axis=1)).ravel())
    words = sparse.csr_matrix(sparse.diags(1 / np.maximum(length, 1e-9)) @ words)
    return np.asarray((words[: len(wanted)] @ words[len(wanted) :].T).todense())


def _words(pictures: Sequence[Thumbnail]) -> sparse.csr_matrix:
    """(pictures, words) which words each picture has."""
    owner = np.repeat(np.arange(len(pictures)), [len(picture.words) for picture in pictures])
    words = np.concatenate([np.empty(0, int), *(picture.words for picture in pictures)])
    found = sparse.csr_matrix((np.ones(len(words), np.float32), (owner, words)), (len(pictures), _TABLES << _WORD))
    found.data[:] = 1
    return found

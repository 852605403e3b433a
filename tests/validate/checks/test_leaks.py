# environment: data
"""Images that two splits share."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from boxwright.validate import split_stats
from boxwright.validate.checks import leaks, repeats, sightings
from boxwright.validate.split_stats import SplitStats

# Names of the images of each split.
FILES = {"train": ["a0", "a1", "a2", "a3"], "val": ["b0", "b1"], "test": ["c0", "c1", "c2", "c3"]}


def found(digests=None, hashes=None):
    """Findings about images of these names. digests, hashes: of some of them; the others are all different."""
    names = [name for files in FILES.values() for name in files]
    far = {name: f"{(at + 1) * 0x9E3779B97F4A7C15 % 2**64:016x}" for at, name in enumerate(names)} | (hashes or {})
    digest = {name: name for name in names} | (digests or {})
    splits = {split: stats(files, [digest[name] for name in files]) for split, files in FILES.items()}
    images = {
        "filename": names,
        "split": [split for split, files in FILES.items() for _ in files],
        "dhash": [far[name] for name in names],
    }
    return [*repeats.findings(splits), *judged(table(images), splits)]


def judged(images, splits):
    """Without pixels."""
    return list(leaks.findings(Path("none"), images, splits, given=True))


def table(images=None):
    texts, sizes = ("filename", "split", "dhash"), ("height", "width")
    images = {name: [] for name in texts} | (images or {})
    of = {name: pa.array(images[name], pa.string()) for name in texts}
    return pa.table(of | {name: pa.array([100] * len(of["split"]), pa.int32()) for name in sizes})


def stats(names, digests) -> SplitStats:
    files = pa.table(
        {"filename": names, "sha256": digests}, pa.schema([(n, pa.string()) for n in ("filename", "sha256")])
    )
    return SplitStats(split_stats.Counter(), [], [], files, np.empty(0), np.zeros(len(names), int))


# 3 and 4 bits of the second and third differ from the first.
NEAR, NEARLY, OTHER, SEEN = "0123456789abcdef", "0123456789abcde8", "0123456789abcde0", "fedc0123456789ab"


COPY = "nearly the same picture"


@pytest.mark.parametrize(
    ("hashes", "pairs", "claim"),
    [
        ({"a0": NEAR, "b1": NEARLY}, (("a0", "b1"),),
         "1 of 2 validation images is in train, none of 4 test images: early stopping is blind, test AP is honest. "
         f"1 is {COPY} (b1 is a0)."),
        ({"b0": NEAR, "c1": NEARLY}, (("b0", "c1"),),
         "1 of 4 test images is in val: val selects the checkpoint, so test AP is a little too high. "
         f"1 is {COPY} (c1 is b0)."),
        ({"a0": NEAR, "a1": NEAR, "b0": NEAR}, (("a0", "b0"),),
         "1 of 2 validation images is in train, none of 4 test images: early stopping is blind, test AP is honest. "
         f"1 is {COPY} (b0 is a0)."),
        ({"a0": NEAR, "c0": NEAR, "c1": NEAR}, (("a0", "c0"), ("a0", "c1")),
         "2 of 4 test images are in train, none of 2 validation images: test AP says nothing about new images, val AP is honest. "
         f"2 are {COPY} (c0 is a0, c1 is a0)."),
        ({"a0": NEAR, "c0": NEAR, "b0": NEAR}, (("a0", "b0"), ("a0", "c0"), ("b0", "c0")),
         "1 of 2 validation images is in train, 1 of 4 test images is in train, 1 of 4 test images is in val: early stopping is "
         f"blind, test AP is too high. 3 are {COPY} (b0 is a0, c0 is a0, c0 is b0)."),
    ],
)  # fmt: skip
def test_a_leak_says_which_number_is_wrong(hashes, pairs, claim):
    """Only the first of several copies is named."""
    (finding,) = found(hashes=hashes)
    severity = "medium" if "a little" in claim else "high"
    assert (finding.id, finding.severity, finding.stops) == ("split_leak", severity, False)
    assert (finding.items, finding.claim) == (pairs, claim)


def test_versions_by_roboflow_are_a_leak():
    """Two splits have file names with the same part before `.rf.`."""
    names = ["a_jpg.rf.1.jpg", "b_jpg.rf.2.jpg", "a_jpg.rf.3.jpg"]
    splits = {"train": stats(names[:2], ["1", "2"]), "val": stats(names[2:], ["3"]), "test": stats([], [])}
    images = {"filename": names, "split": ["train", "train", "val"], "dhash": [None] * 3}
    (finding,) = judged(table(images), splits)
    assert finding.items == ((names[0], names[2]),)
    assert (
        "1 of 1 validation images is in train: early stopping is blind, no test split tells the true AP"
        in finding.claim
    )


@pytest.mark.parametrize(
    ("copies", "of", "severity"),
    [
        (2, 100, "low"),
        (3, 100, "medium"),
        (4, 100, "medium"),
        (5, 100, "high"),
        (1, 9, "medium"),
        (3, 9, "high"),
        (1, 2, "high"),
    ],
)
def test_leak_of_5_percent_and_3_images_is_severe(copies, of, severity):
    files = {"train": [f"a{n}" for n in range(100)], "val": [f"b{n}" for n in range(of)], "test": []}
    digests = {"train": files["train"], "val": files["train"][:copies] + files["val"][copies:], "test": []}
    splits = {split: stats(names, digests[split]) for split, names in files.items()}
    (finding,) = judged(table(), splits)
    assert finding.severity == severity


@pytest.mark.parametrize(
    "hashes", [{"a0": NEAR, "b0": OTHER}, {"a0": NEAR, "a1": NEAR}, dict.fromkeys(("a0", "b0", "c0"))]
)
def test_no_leak(hashes):
    """Other images, near copies within a split, and images that were not decoded and so have no hash."""
    assert found(hashes=hashes) == []


def test_kinds_of_copies_are_rows_of_one_finding():
    """An exact copy also has the same hash; it counts once. The subject of a row is the split that is held out."""
    (finding,) = found({"b0": "a0"}, {"a0": NEAR, "b0": NEAR, "a1": SEEN, "b1": SEEN, "c0": SEEN})
    rows = [(row.subject, row.metric, row.value, row.n) for row in finding.evidence]
    assert rows == [
        ("val", "validation images that are equal byte for byte, of training images", 1, 2),
        ("val", f"validation images that are {COPY}, of training images", 1, 2),
        ("test", f"test images that are {COPY}, of training images", 1, 4),
        ("test", f"test images that are {COPY}, of validation images", 1, 4),
    ]
    assert finding.title == "2 of 2 validation images show what training images show"


def test_a_name_of_strangers_is_short_and_printable():
    names = ["a" * 5_000 + ".jpg", "\x1b[31m.jpg"]
    splits = {"train": stats(names[:1], ["1"]), "val": stats(names[1:], ["1"]), "test": stats([], [])}
    (finding,) = judged(table(), splits)
    assert "\\x1b[31m.jpg is ...aaa" in finding.claim and len(finding.claim) < 400


@pytest.mark.parametrize(
    ("digests", "id", "says"),
    [
        ({"b0": "a3"}, "split_leak", "1 is equal byte for byte (b0 is a3)"),
        (dict.fromkeys(FILES["test"], "a3"), "split_leak", "4 are equal byte for byte (c0 is a3, c1 is a3, c2 is a3 and 1 more)"),
        ({"a1": "a0", "a3": "a0"}, "repeated_images",
         "2 of 4 images are equal to another image of the same split byte for byte (train: 2 of 4 images): a1 is a0, a3 is a0."),
    ],
)  # fmt: skip
def test_copies_are_named_in_pairs(digests, id, says):
    assert any(finding.id == id and says in finding.claim for finding in found(digests))


@pytest.mark.parametrize(("copies", "severity"), [(4, "low"), (5, "medium")])
def test_copies_within_splits_are_one_finding(copies, severity):
    """A few of 100 images change no number. Each split has a row."""
    names = {split: [f"{split}{n}" for n in range(100)] for split in ("train", "val")}
    equal = {"train": ["x"] * (copies + 1) + names["train"][copies + 1 :], "val": ["y"] * 2 + names["val"][2:]}
    splits = {split: stats(names[split], equal[split]) for split in names}
    (finding,) = repeats.findings(splits)
    assert (finding.severity, finding.title) == (severity, f"{copies + 1} of 200 images are stored twice")
    assert [(row.subject, row.value) for row in finding.evidence] == [("train", copies), ("val", 1)]


def test_long_names_are_few_in_a_sentence():
    """Three pairs of hashed names hide what is said; items has all."""
    long = [("a" * 50, "b" * 50)] * 4
    assert sightings.named(long) == f"{'b' * 50} is {'a' * 50} and 3 more"
    assert sightings.named([("a", "b")] * 4) == "b is a, b is a, b is a and 1 more"

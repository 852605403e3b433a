# environment: data
"""Images that two splits share."""

import numpy as np
import pyarrow as pa
import pytest

from boxwright.validate import split_stats
from boxwright.validate.checks import leaks
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
    table = pa.table(images, pa.schema([(name, pa.string()) for name in images]))
    return list(leaks.findings(table, splits))


def stats(names, digests) -> SplitStats:
    files = pa.table(
        {"filename": names, "sha256": digests}, pa.schema([(n, pa.string()) for n in ("filename", "sha256")])
    )
    return SplitStats(split_stats.Counter(), [], [], files, np.empty(0), np.zeros(len(names), int))


NEAR, NEARLY, OTHER = "0123456789abcdef", "0123456789abcde8", "0123456789abcde0"  # 3 and 4 bits differ from the first


@pytest.mark.parametrize(
    ("hashes", "subject", "pairs", "says"),
    [
        ({"a0": NEAR, "b1": NEARLY}, "val in train", (("a0", "b1"),),
         "val: 1 of 2 images is nearly the same as an image of train (b1 is a0). AP on them is partly memorised."),
        ({"b0": NEAR, "c1": NEARLY}, "test in val", (("b0", "c1"),),
         "test: 1 of 4 images is nearly the same as an image of val (c1 is b0). val selects the checkpoint"),
        ({"a0": NEAR, "a1": NEAR, "b0": NEAR}, "val in train", (("a0", "b0"),), "(b0 is a0)"),
    ],
)  # fmt: skip
def test_near_copies_across_splits(hashes, subject, pairs, says):
    """Only the first of several copies is named."""
    (finding,) = found(hashes=hashes)
    assert (finding.id, finding.severity, finding.stops) == ("near_copies_across_splits", "high", False)
    assert (finding.subject, finding.items) == (subject, pairs) and says in finding.claim


def test_versions_by_roboflow_are_near_copies():
    """Two splits have file names with the same part before `.rf.`."""
    names = ["a_jpg.rf.1.jpg", "b_jpg.rf.2.jpg", "a_jpg.rf.3.jpg"]
    splits = {"train": stats(names[:2], ["1", "2"]), "val": stats(names[2:], ["3"]), "test": stats([], [])}
    table = pa.table(
        {"filename": names, "split": ["train", "train", "val"], "dhash": pa.array([None] * 3, pa.string())}
    )
    (finding,) = leaks.findings(table, splits)
    assert (finding.subject, finding.items) == ("val in train", ((names[0], names[2]),))


@pytest.mark.parametrize(("copies", "severity"), [(1, "medium"), (4, "medium"), (5, "high")])
def test_leak_of_5_percent_is_severe(copies, severity):
    files = {"train": [f"a{n}" for n in range(100)], "val": [f"b{n}" for n in range(100)], "test": []}
    digests = {"train": files["train"], "val": files["train"][:copies] + files["val"][copies:], "test": []}
    splits = {split: stats(names, digests[split]) for split, names in files.items()}
    none = pa.table({name: pa.array([], pa.string()) for name in ("filename", "split", "dhash")})
    (finding,) = leaks.findings(none, splits)
    assert finding.severity == severity


@pytest.mark.parametrize(
    "hashes", [{"a0": NEAR, "b0": OTHER}, {"a0": NEAR, "a1": NEAR}, dict.fromkeys(("a0", "b0", "c0"))]
)
def test_no_leak(hashes):
    """Other images, near copies within a split, and images that were not decoded and so have no hash."""
    assert found(hashes=hashes) == []


def test_exact_copy_is_reported_once():
    (finding,) = found({"b0": "a0"}, {"a0": NEAR, "b0": NEAR})
    assert (finding.id, finding.items) == ("copies_across_splits", (("a0", "b0"),))


@pytest.mark.parametrize(
    ("digests", "id", "says"),
    [
        ({"b0": "a3"}, "copies_across_splits", "val: 1 of 2 images is equal byte for byte to an image of train (b0 is a3)"),
        (dict.fromkeys(FILES["test"], "a3"), "copies_across_splits",
         "test: 4 of 4 images are equal byte for byte to an image of train (c0 is a3, c1 is a3, c2 is a3, ...)"),
        ({"c0": "b1"}, "copies_across_splits", "test: 1 of 4 images is equal byte for byte to an image of val (c0 is b1)"),
        ({"a1": "a0", "a3": "a0"}, "repeated_images",
         "train: 2 of 4 images are equal to another byte for byte (a1 is a0, a3 is a0)."),
    ],
)  # fmt: skip
def test_copies_are_named_in_pairs(digests, id, says):
    assert any(finding.id == id and says in finding.claim for finding in found(digests))

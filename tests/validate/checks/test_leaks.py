# environment: data
"""Images that two splits share."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from boxwright.validate import split_stats
from boxwright.validate.checks import leak_remedies, leak_words, leaks, repeats
from boxwright.validate.checks.seen_pictures import Seen
from boxwright.validate.checks.sightings import Sighting
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
    return list(leaks.findings(Path("none"), images, splits, set()))


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


ONE, CLEAN = (
    f"The pair is {COPY}.",
    "None of 4 test images shows what training images show. Early stopping is blind. Test AP is honest.",
)


@pytest.mark.parametrize(
    ("hashes", "pairs", "claim"),
    [
        ({"a0": NEAR, "b1": NEARLY}, [("a0", "b1")],
         f"{CLEAN} {ONE}"),
        ({"b0": NEAR, "c1": NEARLY}, [("b0", "c1")],
         f"Val selects the checkpoint, so test AP is a little too high. {ONE}"),
        ({"a0": NEAR, "a1": NEAR, "b0": NEAR}, [("a0", "b0")],
         f"{CLEAN} {ONE}"),
        ({"a0": NEAR, "c0": NEAR, "c1": NEAR}, [("a0", "c0"), ("a0", "c1")],
         "None of 2 validation images shows what training images show. Test AP says nothing about new images. Val AP is honest. "
         f"All pairs are {COPY}."),
        ({"a0": NEAR, "c0": NEAR, "b0": NEAR}, [("a0", "b0"), ("a0", "c0"), ("b0", "c0")],
         "1 of 4 test images shows what training images show. 1 of 4 test images shows what validation images show. "
         f"Early stopping is blind. Test AP is too high. All pairs are {COPY}."),
    ],
)  # fmt: skip
def test_a_leak_says_which_number_is_wrong(hashes, pairs, claim):
    """Only the first of several copies is an item. Names of files are items, and not in the claim."""
    (finding,) = found(hashes=hashes)
    severity = "medium" if "a little" in claim else "high"
    assert (finding.id, finding.severity, finding.stops) == ("split_leak", severity, False)
    assert (finding.items, finding.claim) == (tuple((*pair, COPY) for pair in pairs), claim)


def test_versions_by_roboflow_are_a_leak():
    """Two splits have file names with the same part before `.rf.`."""
    names = ["a_jpg.rf.1.jpg", "b_jpg.rf.2.jpg", "a_jpg.rf.3.jpg"]
    splits = {"train": stats(names[:2], ["1", "2"]), "val": stats(names[2:], ["3"]), "test": stats([], [])}
    images = {"filename": names, "split": ["train", "train", "val"], "dhash": [None] * 3}
    (finding,) = judged(table(images), splits)
    assert finding.items == ((names[0], names[2], COPY),)
    assert finding.claim == f"Early stopping is blind. No test split tells the true AP. {ONE}"


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
        ("val", "validation images, beside training images, equal byte for byte", 1, 2),
        ("val", f"validation images, beside training images, {COPY}", 1, 2),
        ("test", f"test images, beside training images, {COPY}", 1, 4),
        ("test", f"test images, beside validation images, {COPY}", 1, 4),
    ]
    assert finding.title == "2 of 2 validation images are copies of training images"
    assert finding.items[0] == ("a0", "b0", "equal byte for byte")


def test_the_first_pair_is_one_that_the_title_is_about():
    """More of test is in val, but what training shows comes first."""
    finding = found(dict.fromkeys(("b0", "c0", "c1"), "b0"), {"a0": NEAR, "b1": NEAR})[-1]
    assert finding.title == "1 of 2 validation images is a copy of a training image"
    assert finding.items == (("a0", "b1", COPY), *((("b0", name, "equal byte for byte")) for name in ("c0", "c1")))


@pytest.mark.parametrize(
    ("hows", "title"),
    [
        (["exact", "copy"], "are copies of training images"),
        (["zoomed"], "is a zoomed copy of a training image"),
        (["rotated", "rotated"], "are rotated copies of training images"),
        (["copy", "sheared", "rotated"], "are copies of training images, some of them rotated or sheared"),
        (["copy"] * 20 + ["zoomed"] * 2 + ["rotated"], "are copies of training images"),
        (["frame", "frame"], "are frames near training images"),
        (["frame", "exact"], "are copies of training images or frames near them"),
        (["part"], "shows the scene of a training image"),
        (["exact", "part"], "show scenes of training images"),
    ],
)  # fmt: skip
def test_the_title_says_what_the_images_are(hows, title):
    seen = [Sighting("val", "train", how, f"b{row}", f"a{row}") for row, how in enumerate(hows)]
    assert leak_words.title(seen, {"val": 90}) == f"{len(hows)} of 90 validation images {title}"


@pytest.mark.parametrize(
    ("digests", "id", "says", "does"),
    [
        ({"c0": "a3"}, "split_leak", "The pair is equal byte for byte", "Take this image out of test,"),
        (dict.fromkeys(FILES["test"], "a3"), "split_leak", "All pairs are equal byte for byte",
         "It keeps copies together: `boxwright convert --data DATA`"),
        ({"a1": "a0", "a3": "a0"}, "repeated_images",
         "2 of 4 images are equal to another image of the same split byte for byte (train: 2 of 4 images).", "Delete the copies"),
    ],
)  # fmt: skip
def test_what_copies_ask_for(digests, id, says, does):
    assert any(finding.id == id and says in finding.claim and does in finding.remedy for finding in found(digests))


@pytest.mark.parametrize(("copies", "severity"), [(4, "low"), (5, "medium")])
def test_copies_within_splits_are_one_finding(copies, severity):
    """A few of 100 images change no number. Each split has a row."""
    names = {split: [f"{split}{n}" for n in range(100)] for split in ("train", "val")}
    equal = {"train": ["x"] * (copies + 1) + names["train"][copies + 1 :], "val": ["y"] * 2 + names["val"][2:]}
    splits = {split: stats(names[split], equal[split]) for split in names}
    (finding,) = repeats.findings(splits)
    assert (finding.severity, finding.title) == (severity, f"{copies + 1} of 200 images are stored twice")
    assert [(row.subject, row.value) for row in finding.evidence] == [("train", copies), ("val", 1)]


@pytest.mark.parametrize(
    ("made", "few", "alike", "says"),
    [
        ((), True, True, "Take these images out of val, or"),
        (("val",), True, True, "Delete these images of val and convert again"),
        ((), False, True, "go by the pairs of images that are listed here. Put all images of a scene into train, or"),
        (("train", "val", "test"), False, True, "go by the pairs of images that are listed here. Put the images of each scene "
         "into a folder of its own: `boxwright convert --data DATA --group '([^/]+)/[^/]+$'`"),
        ((), False, False, "It keeps copies together: `boxwright convert --data DATA`"),
    ],
)  # fmt: skip
def test_the_remedy_fits_who_made_the_splits(made, few, alike, says):
    """alike: whether convert would tear the pairs apart again, because only their pixels tell that they are copies."""
    names, splits = ["sun", "sea", "sky", "moon"], ["train", "train", "val", "val"]
    seen = Seen([], {}, {}, [(2, 0), (3, 1)] if alike else [], names, splits)
    pairs = [Sighting("val", "train", "copy", "sky", "sun"), Sighting("val", "train", "copy", "moon", "sea")]
    assert says in leak_remedies.of_leak(pairs, seen, set(made), few=few)


@pytest.mark.parametrize(("alike", "in_time"), [(20, True), (4, False)])
def test_only_a_video_is_split_in_time(alike, in_time):
    """Photographs are numbered, too, but few of them look like their neighbours."""
    names, splits = [f"{n:04d}.jpg" for n in range(60)], ["train", "val", "train"] * 20
    pairs = [Sighting("val", "train", "frame", names[n + 1], names[n]) for n in range(0, 3 * alike, 3)]
    remedy = leak_remedies.of_leak(pairs, Seen([], {}, {}, [], names, splits), set(), few=False)
    assert ("in time" in remedy) == in_time

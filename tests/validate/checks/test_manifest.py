# environment: data
"""What follows from the manifest alone, at its bounds, and what an accepted risk changes."""

from collections import Counter

import pytest

from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.runtime.errors import UserError
from boxwright.validate import accepted_risks
from boxwright.validate.checks import manifest
from boxwright.validate.checks.manifest import ObjectCounts

IMAGES = {"train": 10, "val": 3, "test": 2}
# Objects of cat and dog.
FULL = {"train": (10, 10), "val": (3, 3), "test": (2, 2)}


def make(objects=FULL, images=IMAGES, **changed) -> Dataset:
    splits = {
        split: {
            "images": images[split],
            "objects": sum(counts),
            "per_class": dict(zip(("cat", "dog"), counts, strict=True)),
        }
        | {"shards": 1}
        for split, counts in objects.items()
    }
    content = {
        "digest": "d",
        "format": "voc",
        "source": "here",
        "classes": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "splits": splits,
        "found": {"images": 15, "objects": 30},
        "quarantined": {"images": {}, "objects": {}},
        "notices": [],
        "split_by": "given",
    }
    return Dataset.model_validate(content | changed)


def judged(found):
    return [(finding.id, "stops" if finding.stops else finding.severity) for finding in found]


def of_splits(dataset, crowds=None, images=None):
    counted = ObjectCounts(Counter(crowds or {}), images or {})
    return [*manifest.empty_splits(dataset, counted), *manifest.missing_classes(dataset, counted)]


@pytest.mark.parametrize(
    ("objects", "images", "crowds", "expected"),
    [
        ({}, {}, {}, []),
        ({"train": (0, 0)}, {"train": 0}, {}, [("empty_split", "stops")]),
        ({"val": (0, 0)}, {"val": 0}, {}, [("empty_split", "stops")]),
        ({"test": (0, 0)}, {"test": 0}, {}, [("no_test_split", "medium")]),
        ({"val": (0, 0)}, {}, {}, [("no_objects", "stops")]),
        ({"test": (0, 0)}, {}, {}, [("no_objects", "medium")]),
        ({"train": (10, 0)}, {}, {}, [("class_missing", "stops")]),
        ({"val": (3, 0)}, {}, {}, [("class_missing", "medium")]),
        ({"val": (3, 0), "test": (0, 2)}, {}, {}, [("class_missing", "medium"), ("class_missing", "medium")]),
        ({}, {}, {("train", "cat"): 9, ("val", "cat"): 2, ("test", "cat"): 1}, []),
        ({}, {}, {("val", "cat"): 3, ("val", "dog"): 3}, [("no_objects", "stops")]),
        ({}, {}, {("test", "cat"): 2, ("test", "dog"): 2}, [("no_objects", "medium")]),
        ({}, {}, {("train", "dog"): 10}, [("class_missing", "stops")]),
    ],
)  # fmt: skip
def test_splits(objects, images, crowds, expected):
    assert judged(of_splits(make(FULL | objects, IMAGES | images), crowds)) == expected


def test_classes_with_the_same_remedy_are_one_finding():
    (finding,) = of_splits(
        make({"train": (5, 5), "val": (0, 0), "test": (2, 2)} | {"val": (0, 0)}, IMAGES | {"val": 0})
    )[:1]
    assert finding.id == "empty_split"
    dataset = make(classes=[{"id": i, "name": name} for i, name in enumerate("abc", 1)], splits={
        "train": {"images": 9, "objects": 9, "per_class": {"a": 9, "b": 2, "c": 2}, "shards": 1},
        "val": {"images": 3, "objects": 3, "per_class": {"a": 3, "b": 0, "c": 0}, "shards": 1},
        "test": {"images": 0, "objects": 0, "per_class": {"a": 0, "b": 0, "c": 0}, "shards": 0},
    })  # fmt: skip
    (finding,) = manifest.missing_classes(dataset, ObjectCounts())
    assert (finding.subject, finding.items, finding.title) == (
        "b and 1 more",
        ("b", "c"),
        "2 classes have no object in val",
    )


def of_classes(**per_class):
    """The finding of missing classes. per_class: objects in train, val and test by name."""
    splits = {
        split: {"images": 9, "objects": 9, "per_class": {name: n[at] for name, n in per_class.items()}, "shards": 1}
        for at, split in enumerate(("train", "val", "test"))
    }
    classes = [{"id": i, "name": name} for i, name in enumerate(per_class, 1)]
    return list(manifest.missing_classes(make(classes=classes, splits=splits), ObjectCounts()))


def test_a_class_with_another_name_in_val_is_named():
    (finding,) = of_classes(**{"Red cell": (9, 0, 0), "redcell": (0, 3, 2), "dog": (9, 3, 2)})
    assert finding.title == "redcell has no object in train, but it is probably another name of Red cell"
    assert finding.stops and finding.items == (("redcell", "Red cell"),)
    assert 'item { id: 1 name: "Red cell" display_name: "redcell" }' in finding.remedy
    (finding,) = of_classes(
        **{"MicroPlastic": (9, 0, 0), "MicroPlastic2": (9, 0, 0), "MP1": (0, 3, 2), "MP2": (0, 2, 1)}
    )
    assert finding.items == (("MP1", "MicroPlastic"), ("MP2", "MicroPlastic2"))


def test_other_missing_classes_are_not_called_renamed():
    found = of_classes(cat=(9, 3, 0), dog=(9, 0, 0), owl=(0, 1, 0), ox=(9, 3, 2))
    assert [one.title for one in found] == [
        "cat has no object in test",
        "dog has no object in val and test",
        "owl has no object in train and test",
    ]


def test_classes_that_one_split_lacks_are_one_finding():
    """There are images of b to spare, but not of c."""
    dataset = make(classes=[{"id": i, "name": name} for i, name in enumerate("abc", 1)], splits={
        split: {"images": 9, "objects": 9, "per_class": dict(zip("abc", counts, strict=True)), "shards": 1}
        for split, counts in {"train": (9, 9, 1), "val": (3, 0, 0), "test": (2, 2, 2)}.items()
    })  # fmt: skip
    (finding,) = manifest.missing_classes(dataset, ObjectCounts(images={"a": 9, "b": 9, "c": 1}))
    assert finding.items == ("b", "c")
    assert "Add images with c to val" in finding.remedy and "Of the others (b), move images there" in finding.remedy


@pytest.mark.parametrize(
    ("images", "remedy"), [(1, "there are none to spare"), (2, "Move images with dog to val, add some, or let convert")]
)
def test_remedy_for_a_missing_class(images, remedy):
    (finding,) = of_splits(make(FULL | {"val": (3, 0)}), images={"dog": images})
    assert remedy in finding.remedy


@pytest.mark.parametrize(("absent", "end"), [(10, "c09 1, c10 1."), (11, "c09 1, c10 1 and 1 more.")])
def test_ten_classes_are_named(absent, end):
    names = [f"c{at:02}" for at in range(1, absent + 1)]
    split = {"images": 20, "objects": 20, "shards": 1}
    splits = {
        "train": split | {"per_class": {"cat": 9} | dict.fromkeys(names, 1)},
        "val": split | {"per_class": {"cat": 9} | dict.fromkeys(names, 0)},
        "test": split | {"per_class": {"cat": 9} | dict.fromkeys(names, 0)},
    }
    dataset = make(splits=splits, classes=[{"id": at, "name": name} for at, name in enumerate(["cat", *names], 1)])
    (finding,) = manifest.missing_classes(dataset, ObjectCounts())
    assert finding.claim.endswith(end)


@pytest.mark.parametrize(
    ("split_by", "remedy"), [("given", "let convert make them"), ("seed 0, 70/15/15", "Add more images")]
)
def test_remedy_for_an_empty_split(split_by, remedy):
    first = of_splits(make(FULL | {"val": (0, 0)}, IMAGES | {"val": 0}, split_by=split_by))[0]
    assert first.id == "empty_split" and remedy in first.remedy


def test_notices_of_convert():
    """class_absent is left out, because a finding of validate replaces it."""
    severity: dict[str, Severity] = {"class_absent": "info", "split_made": "info", "listings_differ": "medium"}
    notices = [
        Finding(id=name, cause="data_quality", severity=one, title="t", claim="t").model_dump()
        for name, one in severity.items()
    ]
    found = manifest.notices(make(notices=notices))
    assert judged(found) == [("split_made", "info"), ("listings_differ", "medium")]


def finding(id, severity: Severity = "high", **more):
    return Finding(id=id, cause="split", severity=severity, title="t", claim="t", **more)


def test_accepted_finding_does_not_stop():
    found = [finding("a", stops=True), finding("b", "info"), finding("c", stops=True)]
    taken = accepted_risks.accept(found, {"a": "known", "b": "known", "d": "known"})
    assert judged(taken) == [("a", "medium"), ("b", "info"), ("c", "stops"), ("accepted_absent", "info")]
    assert [one.accepted for one in taken] == ["known", "known", "", ""] and taken[-1].subject == "d"


@pytest.mark.parametrize("text", ["inverted_boxes", "inverted_boxes=", "=because", "a=b; c"])
def test_risk_without_a_reason_is_refused(text):
    with pytest.raises(UserError, match="expected ID=REASON"):
        accepted_risks.parse(text)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("class_not_in_train", "the id is now class_missing"),
        ("few_training_images", "`boxwright diagnose` reports this now as few_images"),
    ],
)
def test_id_of_an_earlier_version_names_the_new_one(code, says):
    with pytest.raises(UserError, match=f"--accept {code}: {says}"):
        accepted_risks.parse(f"{code}=known")


def about(id, n) -> Finding:
    evidence = (Evidence(metric="images", value=n, n=50, where="w"),)
    return Finding(id=id, cause="data_quality", severity="info", title="t", claim=f"Of {id}", evidence=evidence)


@pytest.mark.parametrize(
    ("notices", "told"),
    [
        ([("negatives", 9), ("rows_without_object", 9)], {"negatives": "Of negatives. Of rows_without_object."}),
        ([("negatives", 9), ("no_label_file", 9)], {"no_label_file": "Of no_label_file"}),
        ([("negatives", 9), ("no_label_file", 4)], {"negatives": "Of negatives", "no_label_file": "Of no_label_file"}),
        ([("rows_without_object", 9)], {"rows_without_object": "Of rows_without_object"}),
    ],
)
def test_images_without_objects_are_told_once(notices, told):
    made = make(notices=[about(*one).model_dump() for one in notices])
    assert {one.id: one.claim for one in manifest.notices(made)} == told


@pytest.mark.parametrize(("quarantined", "told"), [(5, []), (4, ["missing_images", "missing_images"])])
def test_missing_images_are_told_once(quarantined, told):
    """Two splits name five missing images. The quarantine tells them, if all of them are in it."""
    made = make(
        notices=[about("missing_images", n).model_dump() for n in (2, 3)],
        quarantined={"images": {"missing": quarantined}, "objects": {}},
    )
    assert [one.id for one in manifest.notices(made)] == told

# environment: data
"""What training does not see: when it is a note, a caveat or a stop, and what the finding says."""

from typing import Any

import pytest

from boxwright.core.artifacts import dataset as dataset_file
from boxwright.core.artifacts.dataset import Dataset, Rejected
from boxwright.core.findings import Evidence, Finding
from boxwright.core.runtime.errors import UserError
from boxwright.validate import accepted_risks
from boxwright.validate.checks import losses, quarantined
from boxwright.validate.checks import manifest as checks_manifest


def manifest(cats=80, bolts=20, notices=()) -> Dataset:
    """100 train images with so many objects, and 20 val images with 20 cats."""

    def split(images, **counts):
        return {"images": images, "objects": sum(counts.values()), "per_class": counts, "shards": 1}

    return Dataset.model_validate(
        {
            "digest": "d", "format": "voc", "source": "here", "classes": [{"id": 1, "name": "bolt"}, {"id": 2, "name": "cat"}],
            "splits": {
                "train": split(100, bolt=bolts, cat=cats), "val": split(20, bolt=0, cat=20), "test": split(0, bolt=0, cat=0)
            },
            "found": {"images": 999, "objects": 999}, "quarantined": {"images": {}, "objects": {}},
            "notices": [notice.model_dump() for notice in notices], "split_by": "given",
        }
    )  # fmt: skip


def objects(n, reason, name="cat", split="train", value="as it was"):
    """Lines of n objects in n stored images."""
    line = Rejected(file="", object=0, reason=reason, value=value, name=name, split=split)
    return [line.model_copy(update={"file": f"{split}{i}.jpg"}) for i in range(n)]


def images(n, reason, split="train", each=0):
    """Lines of n lost images with so many cats each."""
    lines = []
    for i in range(n):
        name = f"{reason}{i}.jpg"
        lines.append(Rejected(file=name, object=None, reason=reason, split=split))
        lines += [
            Rejected(file=name, object=k, reason="image_rejected", value=reason, name="cat", split=split)
            for k in range(each)
        ]
    return lines


def found(lines, **made) -> list[Finding]:
    return list(losses.findings(manifest(**made), quarantined.causes(lines)))


def judged(lines, **made):
    return [(one.id, one.subject, "stops" if one.stops else one.severity) for one in found(lines, **made)]


@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        (objects(2, "inverted"), "info"),
        (objects(2, "inverted", "bolt"), "info"),
        (objects(3, "inverted"), "medium"),  # 3 of 83 cats
        (objects(3, "inverted", split="val"), "medium"),  # 3 of 23 val objects
        (objects(10, "inverted", "bolt"), "high"),  # a third of the bolts
        (objects(31, "inverted"), "stops"),  # 31 of 151
        (objects(30, "inverted"), "high"),  # 30 of 150 is no more than a fifth; of the cats it is more
        (images(2, "truncated"), "info"),
        (images(3, "truncated"), "medium"),
        (images(30, "truncated"), "high"),
        (images(31, "truncated"), "stops"),
        (images(15, "truncated", each=3), "stops"),  # a ninth of the images, but 45 of 165 objects
    ],
)
def test_the_share_that_is_lost_decides(lines, severity):
    assert [row[2] for row in judged(lines)] == [severity]


@pytest.mark.parametrize("reason", ["missing", "truncated", "undecodable", "size_mismatch", "unreadable_annotation"])
def test_every_kind_of_damage_stops(reason):
    assert judged(images(31, reason)) == [("quarantine", reason, "stops")]


def test_losses_of_several_causes_add_up():
    """17 inverted, 17 outside and 1 without area of 155. The single one is not why the data are not ready."""
    lines = objects(17, "inverted") + objects(17, "outside", split="val") + objects(1, "zero_area", "bolt")
    assert judged(lines) == [
        ("quarantine", "inverted", "stops"), ("quarantine", "outside", "stops"), ("quarantine", "zero_area", "info"),
    ]  # fmt: skip


def test_boxes_cut_by_half_count_as_lost():
    cut = Evidence(metric="boxes cut by half or more", value=20, n=120, where="w")
    notice = Finding(id="clipped", cause="data_quality", severity="medium", title="t", claim="c", evidence=(cut,))
    assert judged(objects(15, "outside"), notices=[notice]) == [("quarantine", "outside", "stops")]
    assert judged(objects(15, "outside")) == [("quarantine", "outside", "medium")]


@pytest.mark.parametrize(
    ("reason", "severity"),
    [
        ("too_many_objects", "high"),  # of --max-objects
        ("unlisted", "medium"),  # VOC 2012 lists two thirds of its annotated images
        ("unlabelled", "medium"),
        ("duplicate_image", "medium"),
        ("unsplit", "medium"),
    ],
)
def test_images_not_meant_for_training_never_stop(reason, severity):
    assert [row[2] for row in judged(images(90, reason, each=1))] == [severity]


def test_unlisted_images_do_not_hide_damage():
    """The share is that of the images that are meant to be used: 31 of 151."""
    assert dict(row[1:] for row in judged(images(90, "unlisted") + images(31, "truncated"))) == {
        "unlisted": "medium", "truncated": "stops",
    }  # fmt: skip


def test_the_worst_split_decides_for_unlisted_images():
    """10 of 130 images would be few, but they are a third of val."""
    (finding,) = found(images(10, "unlisted", split="val"))
    assert finding.title == "33% of the val images are not used: nothing in the data lists them"
    assert finding.severity == "medium" and "Most of all: 10 of 30 val images" in finding.claim
    assert [(row.subject, row.value, row.n) for row in finding.evidence] == [("", 10, 130), ("val", 10, 30)]


def test_missing_and_unlisted_images_are_one_cause():
    """The annotations are of another state than the files."""
    (finding,) = found(images(13, "missing") + images(25, "unlisted"))
    assert (finding.subject, finding.severity) == ("missing", "medium")
    assert "13 named images are missing, and 25 images are in no list" in finding.title
    assert "13 of 133 images" in finding.claim and "25 of 158 images" in finding.claim
    assert "export both again" in finding.remedy
    assert len(found(images(2, "missing") + images(25, "unlisted"))) == 2, "two slips are another cause"


def test_objects_that_are_listed_twice_are_not_lost():
    (finding,) = found(objects(90, "duplicate_object"))
    assert (finding.severity, finding.stops) == ("low", False)
    assert finding.title == "43% of the objects are listed twice" and "Nothing is lost" in finding.remedy


def test_an_image_without_usable_objects_has_their_cause():
    lines = [
        Rejected(file="a.jpg", object=None, reason="objects_rejected", split="train"),
        Rejected(file="a.jpg", object=0, reason="inverted", name="cat", split="train"),
        Rejected(file="a.jpg", object=1, reason="ignored_region", split="train"),
    ]
    (cause, left_out) = quarantined.causes(lines)
    assert (cause.reason, dict(cause.images), dict(cause.objects)) == ("inverted", {"train": 1}, {("train", "cat"): 1})
    assert (left_out.reason, left_out.images.total(), left_out.objects.total()) == ("ignored_region", 0, 1)


def test_left_out_on_purpose_is_no_fault():
    lines = images(50, "background") + objects(90, "ignored_region", name="")
    assert judged(lines) == [("left_out", "images", "info"), ("left_out", "objects", "info")]
    of_images, of_objects = found(lines)
    assert "--backgrounds keep" in of_images.remedy and "draw a box" in of_objects.remedy


def test_one_cause_is_one_finding_with_a_row_for_each_part():
    (finding,) = found(objects(10, "inverted", "bolt") + objects(5, "inverted", split="val"))
    assert finding.title == "Training does not see 33% of the objects of class bolt: their boxes end before they begin"
    assert [(row.subject, row.metric, row.value, row.n) for row in finding.evidence] == [
        ("", "objects lost", 15, 135), ("val", "objects lost", 5, 25), ("train", "objects lost", 10, 110),
        ("bolt", "objects of the class lost", 10, 30), ("cat", "objects of the class lost", 5, 105),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (objects(31, "inverted"), "Training does not see 21% of the objects: their boxes end before they begin"),
        (objects(9, "outside", split="val"), "31% of the val objects are not used: their boxes lie outside of the images"),
        (objects(2, "outside"), "Training does not see 2 of 122 objects: their boxes lie outside of the images"),
        (images(31, "missing"), "Training does not see 21% of the images: their files are missing"),
        (images(31, "outside"), "Training does not see 21% of the images: their files lie outside of the data folder"),
        (objects(31, "of_tomorrow"), "Training does not see 21% of the objects: of tomorrow"),
    ],
)  # fmt: skip
def test_title_is_a_sentence(lines, title):
    assert found(lines)[0].title == title


def test_the_first_examples_are_named():
    (finding,) = found(objects(31, "inverted", value="left 9, top 2, right 3, bottom 4"))
    assert finding.items[0] == ("train0.jpg", "object 0 (cat)", "left 9, top 2, right 3, bottom 4")
    assert len(finding.items) == quarantined.EXAMPLES and "First: train0.jpg: object 0 (cat): left 9" in finding.claim
    (kept,) = found(objects(8, "inverted"))
    assert not kept.stops and kept.items and "train0.jpg" not in kept.claim, (
        "the page lists the files, the claim does not"
    )
    assert "31 of 151 objects are lost" in finding.claim and '`--accept "quarantine=REASON"`' in finding.remedy


def test_accepted_loss_does_not_stop():
    (finding,) = accepted_risks.accept(found(objects(31, "inverted")), {"quarantine": "old scans"})
    assert (finding.stops, finding.severity, finding.accepted) == (False, "medium", "old scans")


@pytest.mark.parametrize("lines", [[], objects(2, "inverted"), images(1, "inverted")])
def test_lines_that_do_not_fit_the_manifest_are_refused(tmp_path, lines):
    dataset_file.write_quarantine(tmp_path / dataset_file.QUARANTINE, lines)
    of_one = {"quarantined": dataset_file.Quarantined(images={}, objects={"inverted": 1})}
    with pytest.raises(UserError, match=r"does not match dataset.json; run `boxwright convert` again"):
        quarantined.read(tmp_path, manifest().model_copy(update=of_one))


def notice(id, n, subject="", remedy="Do this."):
    counted = (Evidence(metric="images", value=n, n=100, where="w"),)
    words: Any = {"title": "t", "claim": "More of it", "remedy": remedy}
    return Finding(id=id, subject=subject, cause="data_quality", severity="high", evidence=counted, **words)


def test_a_kind_of_image_is_told_with_its_loss():
    """What convert says of the files and what is lost are one finding. The kind of the files is its cause."""
    heic = notice("images_of_another_kind", 12, "HEIC, the format of iPhones", "Convert it to JPEG.")
    (one,) = found(images(12, "undecodable"), notices=[heic])
    assert one.title == "Training does not see 9% of the images: each file is HEIC, the format of iPhones"
    assert one.claim.endswith("More of it.")
    assert one.remedy == "Convert it to JPEG. quarantine.jsonl (beside the records) lists all of them."
    assert [kept.id for kept in checks_manifest.notices(manifest(notices=[heic]))] == []


def test_other_damaged_images_keep_their_remedy():
    heic = notice("images_of_another_kind", 4, "HEIC, the format of iPhones", "Convert it to JPEG.")
    (one,) = found(images(12, "undecodable"), notices=[heic])
    assert "their files cannot be decoded" in one.title
    assert one.remedy.startswith("Convert it to JPEG. Copy the images again")


def test_unknown_class_numbers_are_told_once():
    numbers = notice("unknown_class_numbers", 30, remedy="Add the missing names to data.yaml.")
    (one,) = found(objects(30, "unknown_class"), notices=[numbers])
    assert one.remedy.startswith("Add the missing names to data.yaml. quarantine.jsonl")
    assert [kept.id for kept in checks_manifest.notices(manifest(notices=[numbers]))] == []


def test_a_known_kind_is_worth_a_look_even_once():
    (one,) = found(images(1, "undecodable"), notices=[notice("images_of_another_kind", 1, "HEIC")])
    assert one.severity == "low"

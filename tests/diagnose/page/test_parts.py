# environment: data
"""Parts of the page: the table of classes, what was lost at the door, and the plan in a few lines."""

from boxwright.core import recipe as recipes
from boxwright.core.artifacts.dataset import ClassName, Counts, Dataset, Quarantined, Split
from boxwright.core.artifacts.diagnosis import Flip, Flips
from boxwright.core.findings import Evidence
from boxwright.core.html import class_rows, page_base
from boxwright.diagnose.page import diagnosis_page, door, plan_lines

STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=600)


def row(subject, metric, value, **more):
    return Evidence(metric=metric, subject=subject, value=value, n=10, where="w", **more)


def test_rows_are_classes_and_columns_are_numbers():
    made = class_rows.table(
        [
            row("cat", "before", 0.5, interval=(0.2, 0.8)),
            row("dog", "before", 0.1, interval=(0.0, 0.4)),
            row("cat", "after", 0.0, interval=(0.0, 0.3)),
            row("dog", "after", 0.0, interval=(0.0, 0.3)),
            row("dog", "dogs alone", 1.0),
            *(row(f"class {i}", metric, 0.0, interval=(0.0, 0.3)) for i in range(4) for metric in ("before", "after")),
            row("cat", "of two", 1.0),
            row("dog", "of two", 1.0),
            row("", "total", 3),
        ]
    )
    assert made == class_rows.Table(
        ("class", "before", "after"),
        (
            ("cat", ("50 % of 10", "0 % of 10")),
            ("dog", ("10 % of 10", "0 % of 10")),
            *((f"class {i}", ("0 % of 10", "0 % of 10")) for i in range(4)),
        ),
    )
    assert class_rows.table([row("", "total", 3)]) is None


def test_a_table_tells_only_what_the_claim_does_not():
    numbers = [row(split, "lost", value, interval=(0.0, 1.0)) for split, value in (("train", 0.46), ("val", 0.5))]
    assert class_rows.table(numbers, "train 46%, val 50% of 10") is None
    assert class_rows.table(numbers, "train 46%, val 5.50%, 1500%") == class_rows.Table(
        ("split", "lost"), (("train", ("46 % of 10",)), ("val", ("50 % of 10",)))
    )


def dataset(images, objects, found=(12, 30)):
    split = Split(images=10, objects=20, per_class={"cat": 20}, shards=1)
    return Dataset(
        digest="d", format="voc", source="s", classes=(ClassName(id=1, name="cat"),),
        splits={"train": split, "val": Split(images=0, objects=0, per_class={"cat": 0}, shards=0),
                "test": Split(images=0, objects=0, per_class={"cat": 0}, shards=0)},
        found=Counts(images=found[0], objects=found[1]),
        quarantined=Quarantined(images=images, objects=objects), notices=(), split_by="given",
    )  # fmt: skip


def test_says_what_was_lost_and_why():
    made = door.of(dataset({"truncated": 2}, {"zero_area": 1, "ignored_region": 9}))
    assert (made.found, made.stored) == ("12 images and 30 objects", "10 images and 20 objects")
    assert [(one.what, one.why, one.harmless) for one in made.lost] == [
        ("2 images", "their files are cut off", False),
        ("1 object", "their boxes have no area", False),
        ("9 objects", "The box marks a region to ignore, such as KITTI's DontCare, not an object", True),
    ]


def test_nothing_lost():
    made = door.of(dataset({}, {}, found=(10, 20)))
    assert made.complete and not made.lost


def test_the_plan_has_five_lines():
    planned = STOCK.model_copy(
        update={
            "grid": "stride8",
            "augmentation": (),
            "learning_rate": STOCK.learning_rate.model_copy(update={"base": 0.025}),
        }
    )
    reach: plan_lines.Unreachable = {"stock": {"cat": 0.97, "dog": 0.3}, "used": {"cat": 0.03, "dog": 0.3}}
    made = plan_lines.lines(STOCK, planned, reach, 200)
    assert [line.what for line in made] == ["Anchors", "Augmentation", "Learning rate", "Steps", "Stopping"]
    assert made[0].before.endswith("every 16 px") and made[0].after.endswith("every 8 px")
    assert made[0].why == "cat out of reach: 97% -> 3%; dog stays out of reach: 30%"
    assert (made[1].before, made[1].after) == (
        "horizontal flip, random crops of the OD API", "chosen for this data; see augmentation.html"
    )  # fmt: skip
    assert made[3].before == "" and made[3].after == "600 of 8 images, 24 times through the training images"


def test_says_which_flips_fit_and_why():
    yes, no = Flip(fits=True, reason="seen from above"), Flip(fits=False, reason="cats have an up")
    one = plan_lines.flipping(Flips(horizontal=yes, vertical=no))
    assert one.after == "left and right"
    assert one.why == "Left and right fits, because seen from above. Up and down does not fit, because cats have an up"
    assert plan_lines.flipping(Flips(horizontal=no, vertical=no)).after == "none"
    assert plan_lines.flipping(Flips(horizontal=yes, vertical=yes)).after == "both ways"


def test_images_that_nothing_lists_may_be_missed():
    """A finding says that they may belong to the data, and objects of missing images are lost."""
    made = door.of(dataset({"unlisted": 25, "missing": 13}, {"image_rejected": 13}))
    assert not [one.what for one in made.lost if one.harmless]


def test_a_command_stands_alone_and_can_be_copied():
    said = page_base.prose(
        "Keep scenes together: `boxwright convert --group 'a<b'`. Then `boxwright augment` does the rest."
    )
    assert '<code class="command">boxwright convert --group &#39;a&lt;b&#39;</code> Then' in said
    assert "<code>boxwright augment</code> does" in said
    said = page_base.prose('To go on, say why: `--accept "a=REASON"`. Or use `--given a.yaml`, or `--stock`.')
    assert '<code class="command">--accept &#34;a=REASON&#34;</code>' in said and "REASON&#34;</code>." not in said
    assert "<code>--given a.yaml</code>, or <code>--stock</code>." in said


def test_boxes_are_drawn_and_not_listed():
    assert diagnosis_page.listed(("a.jpg", "labelled cat", "0.1000 0.2000 0.3000 0.4000")) == "a.jpg, labelled cat"

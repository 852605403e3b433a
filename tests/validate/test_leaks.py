# environment: data
"""What the splits share, and tables that are of other data."""

import pytest
from planted import image_named, in_val, set_value

from boxwright.core.runtime.errors import UserError


def near(first, second, flips):
    """The hash of the second picture becomes that of the first but for some bits."""

    def tabulate(images, objects):
        value = int(image_named(images, first)["dhash"], 16) ^ flips
        image_named(images, second)["dhash"] = f"{value:016x}"

    return tabulate


def test_near_copies_across_splits_are_named_in_pairs(validated):
    """0.jpg is in train, 13.jpg in val, 19.jpg in test."""
    _, validation, _ = validated(tabulate=near(0, 13, 0b111))
    assert [(r["code"], r["severity"], r["value"]) for r in validation["reasons"]] == [
        ("near_copies_across_splits", "caveat", [["0.jpg", "13.jpg"]])
    ]
    assert "1 of 6 images are nearly the same as one of train (13.jpg is 0.jpg)" in validation["reasons"][0]["text"]


def test_near_copies_in_val_and_test_are_told_too(validated):
    """Val chose the step: what it shares with test is not seen for the first time."""
    _, validation, _ = validated(tabulate=near(19, 13, 0b111))
    assert [(r["code"], r["severity"], r["value"]) for r in validation["reasons"]] == [
        ("near_copies_across_splits", "caveat", [["13.jpg", "19.jpg"]])
    ]
    assert (
        "test: 1 of 4 images are nearly the same as one of val (19.jpg is 13.jpg)" in validation["reasons"][0]["text"]
    )


@pytest.mark.parametrize(("first", "second", "flips"), [(0, 13, 0b1111), (0, 1, 0), (13, 14, 0)])
def test_other_pictures_and_copies_in_one_split_are_no_leak(validated, first, second, flips):
    assert validated(tabulate=near(first, second, flips))[1]["verdict"] == "ready"


def test_an_exact_copy_is_told_once(validated):
    _, validation, _ = validated(
        edit=in_val(lambda examples: set_value("image/key/sha256", b"digest 0")(examples[0])), tabulate=near(0, 12, 0)
    )
    assert [(r["code"], r["value"]) for r in validation["reasons"]] == [("copies_across_splits", [["0.jpg", "12.jpg"]])]


def same_bytes(as_which, split, *which):
    """Those examples of a split get the digest of another picture."""

    def edit(name, examples, manifest):
        for at in which if name == split else ():
            set_value("image/key/sha256", f"digest {as_which}".encode())(examples[at])

    return edit


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (same_bytes(3, "val", 0), "val: 1 image also in train, byte for byte (12.jpg is 3.jpg)"),
        (same_bytes(3, "test", 0, 1, 2, 3), "test: 4 images also in train, byte for byte "
         "(18.jpg is 3.jpg, 19.jpg is 3.jpg, 20.jpg is 3.jpg, ...): its AP is partly remembered; move all"),
        (same_bytes(13, "test", 0), "test: 1 image also in val, byte for byte (18.jpg is 13.jpg): its AP is partly that of val"),
        (same_bytes(3, "train", 5, 7), "train: 2 images equal to another byte for byte (5.jpg is 3.jpg, 7.jpg is 3.jpg)"),
    ],
)  # fmt: skip
def test_copies_are_named_in_pairs(validated, edit, says):
    reasons = validated(edit=edit)[1]["reasons"]
    assert any(says in reason["text"] for reason in reasons), reasons


def other_split(images, objects):
    """The same numbers, another seed: a picture of train and one of val have changed places."""
    one, other = image_named(images, 0), image_named(images, 13)
    one["split"], other["split"] = other["split"], one["split"]


@pytest.mark.parametrize(
    ("tabulate", "says"),
    [
        (lambda images, objects: images.pop(), r"test has 3 images and 8 objects there, 4 and 8 in the records"),
        (lambda images, objects: objects.pop(0), r"train has 12 images and 23 objects there, 12 and 24 in the records"),
        (lambda images, objects: (images.clear(), objects.clear()), r"train has 0 images and 0 objects there"),
        (other_split, r"train lacks 0\.jpg there, which the records have"),
    ],
)
def test_tables_of_another_run_are_refused(validated, tabulate, says):
    with pytest.raises(UserError, match=rf"--tables .* is of other data: {says}.* give the tables .* --records"):
        validated(tabulate=tabulate)


def test_images_that_nobody_looked_at_have_no_hash(validated):
    def unseen(images, objects):
        for row in images:
            row |= dict.fromkeys(("brightness", "contrast", "sharpness", "dhash"))

    assert validated(tabulate=unseen)[1]["verdict"] == "ready"

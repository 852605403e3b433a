# environment: data
"""The values of --boxes-for."""

import pytest

from boxwright.convert.config import Config
from boxwright.convert.frames.boxes_for import BoxesFor, parse
from boxwright.convert.reading.source import Object
from boxwright.core.runtime.errors import UserError

CAT = (Object("cat", (10, 10, 60, 60)),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("auto", BoxesFor()), (" Stored ", BoxesFor("stored")), ("1280x960", BoxesFor("size", 1280, 960)),
     ("1280X960", BoxesFor("size", 1280, 960)), ("4x", BoxesFor("factor", factor=4)),
     ("0.5x", BoxesFor("factor", factor=0.5))],
)  # fmt: skip
def test_values(text, expected):
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "turned", "1280", "1280x", "0x960", "1280x960x3", "-4x", "0x", "0.0x", "1e9x", "x4", "9" * 5000]
)
def test_other_values_are_refused(text):
    with pytest.raises(UserError, match=r"--boxes-for .*expected auto, upright, stored") as refused:
        Config(data="data", boxes_for=text)
    assert len(str(refused.value)) < 400


def test_annotated_needs_claimed_sizes(plan):
    with pytest.raises(UserError, match=r"claim no image size; .*--boxes-for 1280x960"):
        plan([(None, CAT, (320, 240), 1)], "annotated")


@pytest.mark.parametrize("wanted", ["1280x960", "4x"])
def test_fractions_need_no_size(plan, wanted):
    with pytest.raises(UserError, match="fractions of the sides"):
        plan([(None, (Object("cat", (0.1, 0.1, 0.5, 0.5)),), (320, 240), 1)], wanted, fractions=True)


def test_a_size_of_another_ratio_is_refused(plan):
    with pytest.raises(UserError, match=r"than --boxes-for says .*the file is 320x240.*1280x720"):
        plan([(None, CAT, (320, 240), 1)] * 3, "1280x720")


def test_stretched_images_are_scaled_on_request(plan, boxes):
    images = [((600, 400), (Object("cat", (60, 40, 300, 200)),), (300, 300), 1)]
    with pytest.raises(UserError, match="stretched"):
        plan(images, "annotated")
    assert boxes(plan(images, "stretched")) == [[(30, 30, 150, 150)]]


def test_fractions_of_stretched_images_are_right(plan, boxes):
    """As in Label Studio, which claims the size that it showed."""
    images = [((600, 400), (Object("cat", (0.1, 0.1, 0.5, 0.5)),), (300, 300), 1)]
    with pytest.raises(UserError, match="--boxes-for stretched"):
        plan(images, fractions=True)
    assert boxes(plan(images, "stretched", fractions=True)) == [[(30, 30, 150, 150)]]


def test_stored_ignores_claimed_sizes(plan, boxes):
    assert boxes(plan([((1280, 960), CAT, (320, 240), 1)], "stored")) == [[(10, 10, 60, 60)]]

# environment: data
"""Errors of the detector: rows and findings from errors.json and the curves, by hand; the cutouts of suspected labels."""

import base64
import io

import pytest
from PIL import Image

from boxwright.core.artifacts import errors, training
from boxwright.report import error_findings, evaluation, suspects


@pytest.fixture
def written(finished_run) -> errors.Errors:
    return errors.read(finished_run / "float" / "errors.json")


def test_error_types_by_gain(written):
    rows = error_findings.error_rows(written)
    assert [(row.name, row.number, row.gain) for row in rows[:2]] == [
        ("nothing there", 1, 0.08),
        ("wrong class", 0, 0.0),
    ]
    assert len(rows) == 6


def test_misses_out_of_reach_have_numbers(written):
    found = list(error_findings.out_of_reach(written))
    assert [(finding.subject, finding.claim) for finding in found] == [
        ("", "All classes: no anchor reaches 1 of the 1 missed objects. The detector finds 0 of 1 (0%) of the objects that no "
         "anchor reaches, but 3 of 3 (100%) of the others."),
        ("pin", "pin: no anchor reaches 1 of the 1 missed objects. The detector finds 0 of 1 (0%) of the objects that no "
         "anchor reaches, but 1 of 1 (100%) of the others."),
    ]  # fmt: skip


def test_recall_has_a_table_for_each_axis(written):
    sizes, anchors = error_findings.recall_tables(written)
    assert [row.class_name for row in sizes.rows] == [None, "pin", "cup"]
    small, medium = sizes.rows[1].cells
    assert small and (small.found, small.objects, medium) == (1, 2, None)
    assert anchors.title == "Anchor fit" and len(anchors.buckets) == 2


def test_confusions_are_one_sentence():
    assert error_findings.confusions(()) is None
    rows = [errors.Confusion(class_name=f"c{i}", taken_for="cup", number=9 - i, objects=20) for i in range(6)]
    two, six = error_findings.confusions(rows[:2]), error_findings.confusions(rows)
    assert two and two.claim == "Detected as another class: c0 as cup (9 of 20), c1 as cup (8 of 20)."
    assert six and six.claim.endswith("c4 as cup (5 of 20), and others.")


def history(ap50, loss, best) -> training.History:
    evaluations = tuple(training.Evaluated(step=100 * i, AP=v, AP50=v, per_class={}) for i, v in enumerate(ap50, 1))
    zero = {"localization_loss": 0, "regularization_loss": 0, "learning_rate": 0}
    steps = tuple(training.Logged(step=100 * i, classification_loss=v, **zero) for i, v in enumerate(loss, 1))
    return training.History(steps=steps, evaluations=evaluations, best_step=best, stopped_early=False, seconds=1)


@pytest.mark.parametrize(
    ("curves", "id", "says"),
    [
        (history([0.3, 0.6, 0.5], [3, 2, 0.5], 200), "overfit", "is 60.0 at step 200 and 50.0 at step 300"),
        (history([0.3, 0.6, 0.59], [3, 2, 0.5], 200), "curve_flat", "levelled off"),
        (history([0.3, 0.6, 0.5], [3, 2, 8], 200), "curve_flat", "levelled off"),
        (history([0.3, 0.5, 0.6], [3, 2, 1], 300), "underfit", "50.0 at step 200 to 60.0 at the last step, 300"),
        (history([0.3, 0.59, 0.6], [3, 2, 1], 300), "curve_flat", "levelled off"),
        (history([0.0, 0.0, 0.0], [3, 2, 1], 300), "underfit", "finds nothing yet: validation AP50 is 0 at all 3"),
    ],
    ids=["falls", "noise", "the loss rises, too: too fast", "rises", "hardly rises", "never rose"],
)
def test_curve(curves, id, says):
    found = error_findings.curve(curves)
    assert found and found.id == id and says in found.claim


def test_two_evaluations_are_no_curve():
    assert error_findings.curve(history([0.3, 0.6], [3, 2], 200)) is None


@pytest.mark.parametrize(
    ("bbox", "window"),
    [
        ([90, 40, 20, 20], (68, 18, 132, 82)),  # 2.5 x 20 is less than 64
        ([90, 40, 40, 20], (60, 0, 160, 100)),  # 100 px around (110, 50)
        ([0, 0, 20, 20], (0, 0, 42, 42)),
        ([190, 90, 40, 40], (160, 60, 200, 100)),
    ],
    ids=["least", "around", "corner", "over the edge"],
)
def test_window_of_a_cutout(bbox, window):
    assert suspects.window(bbox, 200, 100) == window


def test_suspects_are_cut_out_with_their_box(finished_run):
    (found,) = suspects.cutouts(evaluation.read(finished_run / "float"), finished_run / "records")
    assert (found.text, found.filename) == ("detected pin (0.70), nothing is labelled", "2.jpg")
    with Image.open(io.BytesIO(base64.b64decode(found.uri.partition(",")[2]))) as image:
        # 124 to 188 by 34 to 98 of the image, 64 px wide, is shown on 220; the box starts at 150, 60.
        assert image.size == (220, 220)
        pixel = image.getpixel((round((150 - 124) * 220 / 64) + 1, round((66 - 34) * 220 / 64)))
        assert isinstance(pixel, tuple)
        red, green, blue = pixel
        assert red > 200 and green > 120 and blue < 100

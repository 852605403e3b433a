# environment: data
"""Findings after training: sentences and rows from errors.json and the curves, by hand; the cuts of suspected labels."""

import io
import json

import pytest

from boxwright.report import error_findings


@pytest.fixture
def written(run_folder):
    return json.loads((run_folder / "float" / "errors.json").read_text())


def test_types_by_what_they_would_win(written):
    rows = error_findings.types(written)
    assert [(row["name"], row["number"], row["dAP"]) for row in rows[:2]] == [
        ("nothing there", 1, 0.08),
        ("wrong class", 0, 0.0),
    ]
    assert len(rows) == 6


def test_misses_out_of_reach_are_a_sentence_with_numbers(written):
    sentences = error_findings.starved(written)
    assert sentences == [
        "All classes: 1 of 1 missed objects are out of the anchors' reach; of those out of reach 0 of 1 (0%) are found, of the "
        "others 3 of 3 (100%).",
        "pin: 1 of 1 missed objects are out of the anchors' reach; of those out of reach 0 of 1 (0%) are found, of the others "
        "1 of 1 (100%).",
    ]


def test_a_table_for_each_axis_that_is_there(written):
    sizes, anchors = error_findings.recalls(written)
    assert [row["class"] for row in sizes["rows"]] == [None, "pin", "cup"]
    pin = sizes["rows"][1]["cells"]
    assert (pin[0]["found"], pin[0]["objects"], pin[1]) == (1, 2, None)
    assert anchors["title"] == "Reach of the anchors used" and len(anchors["buckets"]) == 2


def test_confusions_are_one_sentence(written):
    assert error_findings.confused(written) == ""
    rows = [{"class": f"c{i}", "taken_for": "cup", "number": 9 - i, "objects": 20} for i in range(6)]
    assert (
        error_findings.confused({"confusions": rows[:2]})
        == "Taken for another class: c0 for cup (9 of 20), c1 for cup (8 of 20)."
    )
    assert error_findings.confused({"confusions": rows}).endswith("c4 for cup (5 of 20), and others.")


def history(ap50, loss, best):
    evaluations = [{"step": 100 * i, "AP": v, "AP50": v} for i, v in enumerate(ap50, 1)]
    steps = [{"step": 100 * i, "classification_loss": v, "localization_loss": 0.0} for i, v in enumerate(loss, 1)]
    return {"evaluations": evaluations, "steps": steps, "best_step": best}


@pytest.mark.parametrize(
    ("curves", "kind", "says"),
    [
        (history([0.3, 0.6, 0.5], [3, 2, 0.5], 200), "overfit", "60.0 at step 200, 50.0 at step 300"),
        (history([0.3, 0.6, 0.59], [3, 2, 0.5], 200), "level", "Levelled off"),
        (history([0.3, 0.6, 0.5], [3, 2, 8], 200), "level", "Levelled off"),
        (history([0.3, 0.5, 0.6], [3, 2, 1], 300), "underfit", "50.0 at step 200 to 60.0 at the last step, 300"),
        (history([0.3, 0.59, 0.6], [3, 2, 1], 300), "level", "Levelled off"),
        (history([0.0, 0.0, 0.0], [3, 2, 1], 300), "underfit", "Nothing found yet: validation AP50 is 0 at each of 3"),
    ],
    ids=["falls", "noise", "the loss rises, too: too fast", "rises", "hardly rises", "never rose"],
)
def test_fit(curves, kind, says):
    found, sentence = error_findings.fit(curves)
    assert found == kind and says in sentence


def test_two_evaluations_are_no_curve():
    assert error_findings.fit(history([0.3, 0.6], [3, 2], 200)) is None


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
def test_window_of_a_cut(bbox, window):
    from boxwright.report.suspects import window as of

    assert of(bbox, 200, 100) == window


def test_suspects_are_cut_out_with_their_box(run_folder):
    import base64

    from PIL import Image

    from boxwright.report import artifacts, suspects

    (found,) = suspects.pictures(artifacts._evaluation(str(run_folder / "float")), run_folder / "records")
    assert (found.text, found.filename) == ("pin 0.70, nothing labelled", "2.jpg")
    with Image.open(io.BytesIO(base64.b64decode(found.uri.partition(",")[2]))) as image:
        # 124 to 188 by 34 to 98 of the picture, 64 px wide, is shown on 220; the box starts at 150, 60.
        assert image.size == (220, 220)
        red, green, blue = image.getpixel((round((150 - 124) * 220 / 64) + 1, round((66 - 34) * 220 / 64)))
        assert red > 200 and green > 120 and blue < 100

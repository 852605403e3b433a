# environment: data
"""What is counted in the records and tables, and the bounds of the checks that follow from it."""

from dataclasses import replace

import pandas as pd
import pytest
from planted import first_train, set_value

from boxwright.validate import figures, split_stats, validation
from boxwright.validate.checks import boxes
from boxwright.validate.tfdv import anomalies, arrow_batches

NOTHING = split_stats.merge([])


@pytest.mark.parametrize(("width", "height", "odd"), [(80, 4, 0), (81, 4, 1), (4, 80, 0), (4, 81, 1)])
def test_box_over_twenty_times_as_long_as_wide(width, height, odd):
    objects = pd.DataFrame({"class": ["cat", "dog"], "width_px": [width, 50], "height_px": [height, 40]})
    found = list(boxes.implausible(objects))
    assert [finding.evidence[0].value for finding in found] == [1] * odd
    assert not odd or "1 of 2 boxes is more than 20 times as long as wide (1 cat)" in found[0].claim


@pytest.mark.parametrize(("side", "value"), [("ymax", 0.05), ("ymax", 0.1), ("xmax", 0.05), ("xmax", 0.1)])
def test_box_without_height_or_width_is_inverted(dataset, side, value):
    """The box begins at 0.1, 0.1."""
    splits, _ = validation.count(dataset(edit=first_train(set_value(f"image/object/bbox/{side}", value)))[0])
    assert splits["train"].inverted == ["0.jpg"]
    (finding,) = boxes.broken(splits)
    assert finding.claim == "train: 1 of 12 images has a box whose maximum is not above its minimum (0.jpg)."


def test_batches_add_up_to_the_whole(dataset, monkeypatch):
    """12 examples give the same statistics and counts in one batch and in batches of five."""
    from google.protobuf import text_format

    records, _ = dataset(edit=first_train(set_value("image/object/bbox/ymax", 0.05)))

    def both():
        counter, parts = anomalies.Counter(), []
        for batch in arrow_batches.read(records, "train"):
            counter.add(batch)
            parts.append(split_stats.from_batch(batch))
        return text_format.MessageToString(counter.result()), split_stats.merge(parts), len(parts)

    at_once, whole, _ = both()
    monkeypatch.setattr(arrow_batches, "EXAMPLES", 5)
    by_fives, merged, parts = both()
    assert parts == 3 and by_fives == at_once
    monkeypatch.setattr(arrow_batches, "BYTES", 1)
    assert both()[::2] == (at_once, 12)
    assert (merged.images, merged.objects, merged.per_class) == (12, 24, whole.per_class) == (12, 24, {1: 12, 2: 12})
    assert merged.inverted == ["0.jpg"] and merged.files.equals(whole.files.combine_chunks())


def test_most_frequent_classes_are_drawn():
    per_class = {i: i for i in range(1, figures.MOST + 2)}
    split = replace(NOTHING, per_class=NOTHING.per_class + split_stats.Counter(per_class))
    drawn = figures._class_figure({"train": split}, {i: f"class{i}." for i in per_class})
    assert "class2." in drawn.svg and "class1." not in drawn.svg
    assert drawn.caption.endswith(f"the {figures.MOST} most frequent of {figures.MOST + 1}")


def test_long_class_name_leaves_room_for_the_bars():
    split = replace(NOTHING, per_class=split_stats.Counter({1: 3, 2: 3}))
    svg = figures._class_figure({"train": split}, {1: "c" * 120, 2: "dog"}).svg
    assert "c" * 29 + "…" in svg and "c" * 30 not in svg

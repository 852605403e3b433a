# environment: data
"""Flips of real sets, judged by pixels alone: the names of their classes are hidden."""

from dataclasses import replace

import pytest

from boxwright.convert import step as convert
from boxwright.diagnose import data as tables_
from boxwright.diagnose.measures import object_crops
from boxwright.diagnose.orientation import flips, measure


@pytest.mark.parametrize(
    ("name", "vertical", "why"),
    [
        ("rbcwbc_coco", True, "the objects are seen at all angles"),
        # A card lies the same way after a half turn, and no mirror leaves it as it is.
        ("cards_voc", False, "nothing shows that the objects are seen at all angles"),
    ],
)
def test_flips_of_a_real_set(shared, tmp_path, name, vertical, why):
    records, tables = tmp_path / "records", tmp_path / "tables"
    convert.run(convert.Config(data=str(shared / "data" / name), records=records, tables=tables))
    read = tables_.read(records, tables).distinct
    hidden = replace(read, classes=tuple(f"kind {'abcdefgh'[at]}" for at in range(len(read.classes))))
    found = flips.judge(hidden.classes, measure.measure(object_crops.read(records, read), hidden, 0))
    assert found.horizontal.fits and found.vertical.fits == vertical
    assert found.vertical.reason.startswith(why)

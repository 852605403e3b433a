# environment: data
"""Pictures of the user's images that show a finding: which ones, and what is drawn on them."""

import pandas as pd
import pytest
from PIL import Image

from boxwright.core import recipe as recipes
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import Finding
from boxwright.core.records import tfrecords
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.examples import Example, Mark, View, close_up
from boxwright.diagnose.findings.kind import Shown
from boxwright.diagnose.page import drawing, galleries
from boxwright.diagnose.page.galleries import Gallery, Picture


@pytest.fixture
def shown(tiny_records):
    rows = [(record.filename, split) for split in tfrecords.SPLITS for record in tfrecords.read(tiny_records, split)]
    images = pd.DataFrame(rows, columns=["filename", "split"])
    data = Data(tuple(tfrecords.classes(tiny_records)), images, pd.DataFrame())
    stock = recipes.stock("ssd_mobilenet_v1_ppn", data.classes, steps=600)
    empty = Diagnosis(findings=(), unreachable={"stock": {}, "used": {}})
    return Shown(data=data, diagnosis=empty, baseline=stock, used=stock)


def finding(id, items):
    return Finding(id=id, cause="data_quality", severity="medium", title="t", claim="c", items=tuple(items))


def names_of(shown, split="train"):
    return shown.data.images_in(split).filename.tolist()


def test_images_without_label_are_shown(tiny_records, shown):
    one = finding("no_label_file", [names_of(shown)[1], "elsewhere.jpg"])
    (((picture,), _),) = galleries.read(tiny_records, shown, [one])["no_label_file"].examples
    assert picture.filename == names_of(shown)[1] and picture.uri.startswith("data:image/jpeg;base64,")


def test_a_pair_is_shown_with_its_splits_and_its_kind(tiny_records, shown):
    pair = (names_of(shown)[0], names_of(shown, "val")[0])
    found = [finding("split_leak", [(*pair, "rotated")]), finding("same_view", [pair])]
    told = [galleries.read(tiny_records, shown, [one])[one.id].examples for one in found]
    assert [[view.caption for view in views] for ((views, _),) in told] == [["in train", "in val"]] * 2
    assert [caption for ((_, caption),) in told] == ["Rotated.", ""]


def test_half_a_pair_is_not_shown(tiny_records, shown):
    pair = Example((View(names_of(shown)[0]), View("gone.jpg")), whole=True)
    uris = galleries._drawn(tiny_records, shown.data, [pair])
    assert len(uris) == 1 and not galleries._gallery([pair], uris).examples


def test_a_few_pairs_are_enough(tiny_records, shown):
    pair = names_of(shown)[:2]
    found = galleries.read(tiny_records, shown, [finding("repeated_images", [tuple(pair)] * 9)])
    assert len(found["repeated_images"].examples) == galleries.ENOUGH / 2


def test_other_findings_have_no_pictures(tiny_records, shown):
    assert galleries.read(tiny_records, shown, [finding("clipped", names_of(shown))]) == {}


def test_reads_no_record_after_its_time(tiny_records, shown, monkeypatch):
    monkeypatch.setattr(galleries, "_SECONDS", 0.0)
    assert galleries.read(tiny_records, shown, [finding("no_label_file", names_of(shown)[:1])]) == {}


def test_minor_findings_take_no_time_of_the_first(tiny_records, shown, monkeypatch):
    """The first three findings are drawn in a pass of their own."""
    passes, drawn = [], galleries._drawn
    monkeypatch.setattr(galleries, "_drawn", lambda *given: passes.append(given[2]) or drawn(*given))
    pair = tuple(names_of(shown)[:2])
    subjects = [finding("repeated_images", [pair]).model_copy(update={"subject": str(n)}) for n in range(5)]
    assert len(galleries.read(tiny_records, shown, subjects)) == 5
    assert [len(examples) for examples in passes] == [3, 2]


def test_marks_are_around_the_box():
    grey = Image.new("RGB", (100, 100), "#808080")
    box = (0.4, 0.4, 0.6, 0.6)
    part = drawing.draw(grey, View("a.jpg", (Mark(box),), around=close_up(box, times=2)), 200)
    assert part.size == (200, 200)
    assert part.getpixel((100, 100)) == (128, 128, 128), "the object itself is not covered"
    assert part.getpixel((48, 100)) == (0xE5, 0x25, 0x2A), "a fifth of the picture, magnified: the box begins at 50"


def test_marks_of_strangers_far_outside_are_drawn():
    grey = Image.new("RGB", (40, 30))
    for yxyx in ((-1e9, -1e9, 1e9, 1e9), (0.5, 0.5, 0.5, 0.5), (1.0, 1.0, 1.0, 1.0), (0.9, 0.9, 0.1, 0.1)):
        assert max(drawing.draw(grey, View("a", (Mark(yxyx, "blue"),), around=close_up(yxyx)), 60).size) <= 60


def test_a_contact_sheet_keeps_what_is_there(shown, tiny_records):
    views = tuple(View(name) for name in [*names_of(shown)[:4], "gone.jpg"])
    uris = galleries._drawn(tiny_records, shown.data, [Example(views)])
    assert len(galleries._gallery([Example(views)], uris).examples[0][0]) == 4


@pytest.mark.parametrize(
    ("views", "opened"),
    [
        ((30,), (4,)),
        ((2, 2, 2), (2, 2, 0)),
        ((3, 3), (3, 0)),
        ((1,) * 6, (1, 1, 1, 1, 0, 0)),
        ((3, 2, 1), (3, 0, 0)),
        ((), ()),
    ],
)
def test_at_most_four_pictures_are_open(views, opened):
    """A pair is open or folded as a whole, and nothing is open after something folded."""
    picture = Picture("a.jpg", "", "data:,")
    made = Gallery(tuple(((picture,) * n, "") for n in views), ())
    assert made.opened == opened and made.folded == sum(views) - sum(opened)

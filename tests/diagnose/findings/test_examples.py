# environment: data
"""Which of the user's images show a finding. Tables alone decide it, so no pixels are needed."""

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.findings import Evidence, Finding
from boxwright.diagnose.data import SIDES
from boxwright.diagnose.findings import box_examples, shared_examples, split_examples
from boxwright.diagnose.findings.kind import Shown
from boxwright.diagnose.page import galleries


def shown_of(data, found, used):
    return Shown(data=data, diagnosis=found, baseline=recipes.stock_for(used), used=used)


def finding(id, *evidence) -> Finding:
    return Finding(id=id, cause="recipe", severity="high", title="t", claim="c", evidence=evidence)


def row(subject, metric="m", value=1.0) -> Evidence:
    return Evidence(metric=metric, subject=subject, value=value, n=1, where="w")


@pytest.fixture(scope="module")
def dark(make_data, diagnosed):
    """18 px cats, some boxed twice; a dark test split; eleven validation images."""
    data = make_data(
        counts={"train": 90, "val": 11, "test": 40}, side={"cat": 0.06}, brightness={"test": 0.2}, per_image={"cat": 2, "dog": 3}
    )  # fmt: skip
    cats = data.objects.index[data.objects.class_id == 1][::4]
    data.objects.loc[cats + 1, SIDES] = data.objects.loc[cats, SIDES].to_numpy() + 0.0005
    found, used, _ = diagnosed(data)
    return shown_of(data, found, used)


def test_every_example_names_images_of_the_data(dark):
    named = {one.id: galleries.examples_of(one, dark) for one in dark.diagnosis.findings}
    assert {"anchors_unreachable", "duplicate_boxes", "augmentation_random_crop", "few_images"} <= {
        k for k, v in named.items() if v
    }
    names = set(dark.data.images.filename)
    for view in (view for examples in named.values() for one in examples for view in one.views):
        assert view.filename in names
        assert min(view.around) >= 0 and max(view.around) <= 1 and view.around[0] < view.around[2]


def test_an_object_is_beside_its_nearest_anchor(dark):
    """The overlap of an 18 px square with a 45 px one is (18 / 45)^2 = .16 at best."""
    first = next(iter(shared_examples.out_of_reach(finding("anchors_unreachable", row("cat")), dark)))
    assert len(first.views) == 3 and len({view.filename for view in first.views}) == 3
    for view in first.views:
        assert view.caption.startswith("overlap 0.1")
        assert [mark.colour for mark in view.marks] == ["blue", "red"]


def test_both_boxes_of_an_object_are_drawn(dark):
    for one in box_examples.boxed_twice(finding("duplicate_boxes"), dark):
        for view in one.views:
            a, b = (np.array(mark.yxyx) for mark in view.marks)
            assert np.abs(a - b).max() == pytest.approx(0.0005, abs=1e-6)
    assert not list(box_examples.boxed_twice(finding("contradicting_boxes"), dark))


def test_a_crop_is_shown_with_what_it_loses(dark):
    before, after = next(iter(box_examples.random_crops(finding("x"), dark))).views
    colours = {mark.colour for mark in before.marks}
    assert "red" in colours and before.marks[-1].colour == "blue" and before.marks[-1].yxyx == after.around


def test_a_dark_test_image_is_beside_a_training_image(dark):
    images = dark.data.images.set_index("filename").brightness
    darker = row("test").model_copy(update={"axis": "brightness", "split": "test"})
    (one,) = split_examples.shifted(finding("lighting_shift", darker), dark)
    train, test = (images[view.filename] for view in one.views)
    assert train == pytest.approx(0.5, abs=0.02) and test == pytest.approx(0.2, abs=0.02)
    smaller = row("cat").model_copy(update={"axis": "size", "split": "test"})
    (sizes,) = split_examples.shifted(finding("split_shift", smaller), dark)
    assert all(len(view.marks) == 1 for view in sizes.views)


def test_copies_are_side_by_side(make_data, diagnosed):
    data = make_data(counts={"train": 30, "val": 40})
    data.images.loc[data.images.index[1], "dhash"] = data.images.dhash.iloc[0]
    own = data.objects[data.objects.image_id == 1]
    data.objects.loc[data.objects.image_id == 2, SIDES] = own[SIDES].to_numpy()
    found, used, _ = diagnosed(data)
    (one,) = box_examples.copies(finding("near_duplicates"), shown_of(data, found, used))
    assert [view.filename for view in one.views] == ["1.jpg", "2.jpg"] and one.whole


def test_a_box_that_lost_its_place_is_marked(make_data, diagnosed):
    data = make_data()
    cats = data.objects.index[data.objects.class_id == 1][:20]
    sides = data.objects.loc[cats, SIDES].to_numpy()
    data.objects.loc[cats, SIDES] = np.concatenate([np.zeros((20, 2)), sides[:, 2:] - sides[:, :2]], axis=1)
    found, used, _ = diagnosed(data)
    shown = shown_of(data, found, used)
    examples = galleries.examples_of(shown.finding("cornered_boxes"), shown)
    assert len(examples) == 12
    for example in examples:
        ((mark, *_),) = (view.marks for view in example.views)
        assert mark.yxyx[:2] == (0.0, 0.0)


def test_images_that_a_finding_names_show_its_classes(dark):
    image = dark.data.images.iloc[0]
    cats = dark.data.objects[(dark.data.objects.image_id == image.image_id) & (dark.data.objects["class"] == "cat")]
    one = finding("upside_down", row("cat")).model_copy(update={"items": (image.filename,)})
    ((view,),) = (example.views for example in galleries.examples_of(one, dark))
    assert (view.filename, len(view.marks)) == (image.filename, len(cats))


def test_objects_of_a_suspected_class_are_shown(make_data, diagnosed):
    """Ten dogs are labelled cat, but have the size of dogs."""
    data = make_data(side={"cat": 0.06, "dog": 0.5})
    dogs = data.objects.index[(data.objects["class"] == "dog") & (data.objects.split == "train")][:10]
    data.objects.loc[dogs, ["class", "class_id"]] = ["cat", 1]
    found, used, _ = diagnosed(data)
    shown = shown_of(data, found, used)
    (example,) = galleries.examples_of(shown.finding("suspected_classes"), shown)
    assert (example.caption, len(example.views)) == ("Labelled cat.", 3)


def test_a_class_of_thin_diversity_is_shown(dark):
    (example,) = galleries.examples_of(finding("thin_diversity", row("cat")), dark)
    assert 0 < len(example.views) <= 30

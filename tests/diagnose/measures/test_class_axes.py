# environment: data
"""Axes of a data set and the correction of p-values, by hand."""

import numpy as np
import pytest

from boxwright.diagnose.measures import class_axes


def test_holm_corrects_for_the_number_of_tests():
    """Sorted .001 .01 .03 .04: times 4, 3, 2, 1. They never fall: .004 .03 .06 .06."""
    assert class_axes.holm([0.03, 0.001, 0.04, 0.01]) == pytest.approx([0.06, 0.004, 0.06, 0.03])
    assert class_axes.holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert class_axes.holm([]).tolist() == []


def test_measures_the_axes_of_an_image(make_data):
    """Two cats, one of them twice as wide as high: the medians of their logs. With the dog there are three objects."""
    data = make_data(counts={"train": 1}, per_image={"cat": 2, "dog": 1})
    sides = ["ymin", "xmin", "ymax", "xmax"]
    data.objects[sides] = [[0, 0, 0.2, 0.2], [0, 0.2, 0.2, 0.6], [0, 0, 1, 1]]
    cat, dog = class_axes.class_axes(data).to_dict("records")
    assert cat["size"] == pytest.approx((np.log(0.2) + np.log(0.08) / 2) / 2)
    assert cat["aspect"] == pytest.approx(np.log(2) / 2)
    assert (cat["height in the picture"], cat["place across the picture"]) == pytest.approx((0.1, 0.25))
    assert dog["crowding"] == pytest.approx(np.log(3)) and dog["aspect"] == 0
    assert cat["brightness"] == pytest.approx(data.images.brightness[0])

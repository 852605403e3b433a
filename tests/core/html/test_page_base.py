# environment: data
"""Figures for the pages: names are drawn literally, and text stays text."""

import re
import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure

from boxwright.core.html import charts, page_base

NAMES = ["$5 bill $", r"a\$b^2", "猫", "<i>"]


def drawn(**axes_options) -> str:
    figure = Figure()
    axes = figure.subplots()
    for name in NAMES:
        axes.plot([1, 1000], [1, 2], label=name)
    axes.set_yticks(range(len(NAMES)), NAMES)
    axes.set(**axes_options)
    axes.legend()
    return page_base.svg(figure)


def texts(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL)


def test_names_are_text_not_formulas():
    """Each name appears in the legend and beside the axis."""
    svg = drawn()
    assert [texts(svg).count(name) for name in ("$5 bill $", r"a\$b^2", "猫", "&lt;i&gt;")] == [2, 2, 2, 2]
    assert "'DejaVu Sans'" in svg and "sans-serif" in svg


def test_powers_of_ten_are_formulas():
    svg = drawn(xscale="log")
    assert texts(svg).count("$5 bill $") == 2
    assert not any("mathdefault" in text for text in texts(svg)) and any("tspan" in text for text in texts(svg))


def test_same_figure_is_the_same_text_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawn() == drawn()


@pytest.mark.parametrize("value", [1.0, 36.08439, 5e-5, 0.0])
def test_equal_values_are_in_the_middle_bin(value):
    """Values that differ only by float32 rounding count as equal."""
    noisy = np.full(40, value) * (1 + 1e-7 * np.arange(40))
    edges = charts._bins(noisy, 10)
    middle = len(edges) // 2
    assert edges[middle - 1] < value < edges[middle] and len(edges) % 2 == 0
    assert edges[-1] - edges[0] == pytest.approx(abs(value) or 1)


def test_other_values_fill_the_bins():
    edges = charts._bins(np.arange(1000.0), 100)
    assert (edges[0], edges[-1], len(edges)) == (0, pytest.approx(994.005), 21)


def test_histogram_of_one_value_has_a_plain_axis():
    shown = texts(charts.histograms({"train": np.ones(12), "val": np.ones(4)}))
    assert "1.0" in shown and not any("e" in text for text in shown if text[0].isdigit())


def test_prose_sets_backticks_as_code_and_escapes():
    assert page_base.prose("run `a <b>` & `c`; <i>") == "run <code>a &lt;b&gt;</code> &amp; <code>c</code>; &lt;i&gt;"

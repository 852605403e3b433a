# environment: data
"""The page: what it says, in what order, with which picture, and that it needs no network."""

import re

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.findings import Evidence
from boxwright.diagnose.page import diagnosis_page, figures


@pytest.fixture(scope="module")
def starved(make_data, diagnosed):
    """18 px cats that no stock anchor reaches, 90 px dogs; the test split in the dark."""
    data = make_data(side={"cat": 0.06}, brightness={"test": 0.2})
    return (data, *diagnosed(data, steps=600))


@pytest.fixture(scope="module")
def html(starved):
    return diagnosis_page.render(*starved, recipes.stock_for(starved[2]))


def test_the_findings_stand_in_their_order_with_number_remedy_and_effect(starved, html):
    _, found, _, _ = starved
    places = [html.index(finding.claim.partition(". ")[0]) for finding in found.findings[: diagnosis_page.TOP]]
    assert places == sorted(places) and len(places) >= 3
    for finding in found.findings[: diagnosis_page.TOP]:
        assert diagnosis_page.number(finding.evidence[0]) in html
    assert html.count("<b>Do:</b>") == html.count("<b>Expect:</b>") == len(places)


def test_the_verdict_names_the_grave_ones_and_what_is_left_to_do(starved):
    _, found, used, _ = starved
    verdict = diagnosis_page.verdict(found, used)
    assert verdict["title"].startswith("2 things will hold this detector back: ")
    assert "anchors unreachable (cat)" in verdict["title"] and "lighting shift" in verdict["title"]
    assert "left to you: Add training pictures in the light of test" in verdict["sentence"]


def test_verdict_of_data_without_flaws(make_data, diagnosed):
    _, used, _ = (found := diagnosed(make_data(), stock=True))
    calm = found[0].model_copy(update={"findings": tuple(f for f in found[0].findings if f.severity == "low")})
    assert diagnosis_page.verdict(calm, used)["word"] == "good"


def test_nothing_is_fetched(html):
    links = [link for link in re.findall(r"""(?:src|href)=["']([^"']+)""", html) if not link.startswith("#")]
    assert links == [] and "@import" not in html and "<script" not in html


def test_each_figure_stands_once(starved, html):
    _, found, _, _ = starved
    drawn = dict.fromkeys(("reach", "sizes", "counts", "light"), None)
    placed = diagnosis_page.placed(found.findings, drawn)
    assert placed["anchors_unreachable.cat"] == "reach" and placed["lighting_shift"] == "light"
    assert len(set(placed.values())) == len(placed)
    assert html.count("<svg") == 6, "these four, the crops and the rate"


def test_a_recipe_that_was_given_is_not_called_the_zoos(make_data, diagnosed):
    data = make_data()
    found, used, _ = diagnosed(data)
    html = diagnosis_page.render(data, found, used, "", used)
    assert "Nothing: no finding asks for a change of the given recipe." in html
    assert '<th class="n">given</th>' in html and '<th class="n">stock</th>' not in html


def test_what_the_recipe_changes_is_said(html):
    assert "finer grid: its first feature map has 38 x 38 cells" in html
    assert "chooses what takes the place of random_horizontal_flip and ssd_random_crop" in html


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        ({"value": 0.9665, "n": 209, "interval": (0.932, 0.984)}, "96.7 %, 95 % interval 93.2 to 98.4 %, n = 209"),
        ({"value": 11.394, "n": 2590}, "11.39, n = 2,590"),
        ({"value": 123456, "n": 123456, "seed": 0}, "123,456, n = 123,456, seed 0"),
    ],
)
def test_a_number_with_what_it_rests_on(evidence, text):
    assert diagnosis_page.number(Evidence(metric="m", where="w", **evidence)) == text


def test_the_classes_drawn_are_those_worst_off(starved):
    assert figures.worst(starved[1], 1) == ["cat"]


def test_the_rate_drawn_is_the_recipes():
    """Warm-up from .1 to .5 over 10 of 110 steps, half a cosine to 0: .25 at the middle, step 60."""
    stock = recipes.stock("ssd_mobilenet_v1_ppn", ["a"], steps=110)
    rate = recipes.LearningRate(base=0.5, warmup=0.1, warmup_steps=10)
    steps, values = figures.schedule(stock.model_copy(update={"learning_rate": rate}))
    assert (values[0], values[-1]) == (pytest.approx(0.1), pytest.approx(0))
    assert np.interp([5, 60], steps, values) == pytest.approx([0.3, 0.25], abs=0.005)


def test_a_long_name_leaves_room_for_the_picture(make_data, diagnosed):
    long = "c" * 120
    data = make_data(per_image={long: 1, "dog": 1}, side={long: 0.06})
    found, used, _ = diagnosed(data)
    drawn = figures.draw(data, found, recipes.stock_for(used), used)
    named = [name for name, figure in drawn.items() if "c" * 29 + "…" in figure.svg]
    assert named == ["reach", "sizes", "counts"]
    assert not any("c" * 30 in figure.svg for figure in drawn.values())

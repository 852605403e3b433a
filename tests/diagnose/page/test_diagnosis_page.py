# environment: data
"""The page: what it says, in what order, with which figure. It needs no network."""

import re
from html import escape

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.findings import Evidence
from boxwright.diagnose import verdict
from boxwright.diagnose.diagnosis import Diagnosed
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.anchors import anchors_unreachable
from boxwright.diagnose.findings.kind import Shown
from boxwright.diagnose.findings.split import lighting_shift
from boxwright.diagnose.page import diagnosis_page
from boxwright.diagnose.page.diagnosis_page import FromRecords
from boxwright.diagnose.page.galleries import Gallery, Picture


@pytest.fixture(scope="module")
def starved(make_data, diagnosed):
    """18 px cats that no stock anchor reaches, 90 px dogs; the test split in the dark."""
    data = make_data(side={"cat": 0.06}, brightness={"test": 0.2})
    return (data, *diagnosed(data, steps=600))


def rendered(data, found, used, unpredicted="", baseline=None, shown=None):
    return diagnosis_page.render(
        data, Diagnosed(found, baseline or recipes.stock_for(used), used, unpredicted), FromRecords(shown or {})
    )


@pytest.fixture(scope="module")
def html(starved):
    return rendered(*starved)


def test_shows_the_first_causes_in_full_and_the_others_folded(starved, html):
    told = verdict.causes(starved[1].findings)
    places = [html.index(f"{i}. {escape(one.finding.title)}") for i, one in enumerate(told[: verdict.FIRST], 1)]
    assert places == sorted(places) and len(places) == verdict.FIRST
    folded = [html.index(f"{escape(one.finding.title)}</summary>") for one in told[verdict.FIRST :]]
    assert folded == sorted(folded) and folded and places[-1] < folded[0]
    assert f"Everything else that was found: {verdict.counted([one.finding for one in told[3:]])}" in html
    assert html.count("<b>Do:</b>") == len(told)


def test_no_id_is_on_the_page(starved, html):
    """Fields of the recipe may be named, ids of findings may not."""
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>", "", html, flags=re.DOTALL)
    assert [one.id for one in starved[1].findings if one.id in words or one.key in words] == []


def test_page_fetches_nothing(html):
    links = [link for link in re.findall(r"""(?:src|href)=["']([^"']+)""", html) if not link.startswith("#")]
    assert links == [] and "@import" not in html and "<script" not in html


def test_each_figure_is_shown_once(starved, html):
    placed = diagnosis_page.placed(starved[1].findings)
    assert placed["anchors_unreachable"] == anchors_unreachable.figure
    assert placed["lighting_shift"] == lighting_shift.figure
    assert len(set(placed.values())) == len(placed)
    assert html.count("<svg") == 6, "the four of the data, the crops and the rate"


def test_pictures_come_before_charts_and_many_are_folded(starved):
    """A cause without examples keeps its chart beside its text."""
    sheet = Gallery(((tuple(Picture(f"{n}.jpg", "", "data:,") for n in range(30)), "The cats."),), ())
    html = rendered(*starved, shown={"anchors_unreachable": sheet})
    cards = html.split("<h2>")[1].split('<div class="card ')[1:]
    (first,) = [card for card in cards if "<img" in card]
    assert any('class="finding "' in card and "<svg" in card for card in cards if card != first)
    assert first.index("<img") < first.index("<svg") and 'class="finding alone"' in first
    opened, folded = first.split("<summary>26 more pictures</summary>")
    assert opened.count("<img") == 4 and folded.split("</details>")[0].count("<img") == 26
    assert first.count("The cats.") == 1
    assert html.count("<svg") == 6, "no chart is lost or shown twice"


def test_no_column_is_wider_than_a_phone(html):
    """A least width in pixels crosses the right edge of a narrower screen."""
    assert re.findall(r"minmax\(\d+px", html) == [] and "minmax(min(300px, 100%), 1fr)" in html


def test_names_of_options_stand_in_the_plan_only(html):
    causes, plan = html.split("What training will do")
    assert "the random crop of the zoo&#39;s recipe" in causes
    assert "ssd_random_crop" not in causes and "ssd_random_crop" in plan


def test_a_given_recipe_is_not_called_stock(make_data, diagnosed):
    data = make_data()
    found, used, _ = diagnosed(data)
    html = rendered(data, found, used, baseline=used)
    assert "The recipe is not changed: no finding asks for a change of the given recipe." in html
    assert '<th class="n">given</th>' in html and '<th class="n">stock</th>' not in html


def test_says_what_the_recipe_changes(html):
    assert "grid becomes finer: the first feature map has 38 x 38 cells" in html
    assert "chooses the replacement of random_horizontal_flip and ssd_random_crop" in html


@pytest.mark.parametrize(
    ("evidence", "text"),
    [
        ({"value": 0.9665, "n": 209, "interval": (0.932, 0.984)}, "96.7 %, 95 % interval 93.2 to 98.4 %, n = 209"),
        ({"value": 11.394, "n": 2590}, "11.39, n = 2,590"),
        ({"value": 123456, "n": 123456, "seed": 0}, "123,456, n = 123,456, seed 0"),
    ],
)
def test_shows_a_number_with_n_and_interval(evidence, text):
    assert diagnosis_page.with_interval(Evidence(metric="m", where="w", **evidence)) == text


def test_draws_the_worst_classes(starved):
    assert shared_figures.worst_classes(starved[1], 1) == ["cat"]


def test_draws_the_rate_of_the_recipe():
    """Warm-up from .1 to .5 over 10 of 110 steps, half a cosine to 0: .25 at the middle, step 60."""
    stock = recipes.stock("ssd_mobilenet_v1_ppn", ["a"], steps=110)
    rate = recipes.LearningRate(base=0.5, warmup=0.1, warmup_steps=10)
    steps, values = shared_figures.schedule(stock.model_copy(update={"learning_rate": rate}))
    assert (values[0], values[-1]) == (pytest.approx(0.1), pytest.approx(0))
    assert np.interp([5, 60], steps, values) == pytest.approx([0.3, 0.25], abs=0.005)


def test_cuts_long_names_beside_figures(make_data, diagnosed):
    long = "c" * 120
    data = make_data(per_image={long: 1, "dog": 1}, side={long: 0.06})
    found, used, _ = diagnosed(data)
    shown = Shown(data=data, diagnosis=found, baseline=recipes.stock_for(used), used=used)
    drawn = {draw: draw(shown) for draw in diagnosis_page.DATA_FIGURES}
    named = [draw for draw, figure in drawn.items() if "c" * 29 + "…" in figure.svg]
    assert named == [anchors_unreachable.figure, shared_figures.sizes, shared_figures.counts]
    assert not any("c" * 30 in figure.svg for figure in drawn.values())

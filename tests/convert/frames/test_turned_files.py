# environment: data
"""YOLO's fractions after the files were turned by 90 degrees: whole pixels only if the sides are exchanged."""

import pytest

from boxwright.convert.reading.source import Object
from boxwright.core.runtime.errors import UserError

FILE = (240, 320)


@pytest.fixture
def images(spread, fractions_of):
    """count: images; of these, `turned` were labelled as 320x240 and then turned to 240x320."""

    def images(count: int, turned: int, file=FILE):
        drawn = [file[::-1] if number < turned else file for number in range(count)]
        objects = [fractions_of(spread(*size, 3, seed), *size) for seed, size in enumerate(drawn)]
        return [(None, each, file, 1) for each in objects]

    return images


@pytest.mark.parametrize("turned", [12, 60])
def test_turned_files_are_refused(plan, images, turned):
    with pytest.raises(UserError, match=r"turned by 90 degrees after labelling.*--boxes-for stored"):
        plan(images(60, turned), fractions=True)
    assert len(plan(images(60, turned), "stored", fractions=True).images) == 60


def test_a_few_turned_files_are_said(plan, images):
    (notice,) = plan(images(100, 5), fractions=True).notices
    assert (notice.id, notice.severity, len(notice.items)) == ("files_turned", "high", 5)


@pytest.mark.parametrize("file", [(240, 320), (1920, 1080), (333, 500), (4032, 3024)])
@pytest.mark.parametrize("shrunk", [1, 2, 3, 4, 2.5])
def test_right_files_are_clean(plan, images, file, shrunk):
    """Also after a resize: fractions stay right, and few are whole pixels in either frame."""
    small = (round(file[0] / shrunk), round(file[1] / shrunk))
    objects = [(None, each, small, 1) for _, each, _, _ in images(200, 0, file)]
    assert plan(objects, fractions=True).notices == []


def test_odd_fractions_are_clean(plan):
    odd = [(Object("cat", (0.1 + seed / 999, 0.2345, 0.45, 0.6789)),) for seed in range(200)]
    assert plan([(None, each, FILE, 1) for each in odd], fractions=True).notices == []


def test_labels_on_a_grid_are_clean(plan):
    """Quarters of the sides are whole pixels in both frames."""
    grid = [(Object("cat", (0.25, 0.25 * (seed % 3), 0.5, 1)),) for seed in range(50)]
    assert plan([(None, each, FILE, 1) for each in grid], fractions=True).notices == []

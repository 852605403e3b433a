"""The fixtures of convert's tests, in the environment that has convert."""

from importlib.util import find_spec

import pytest
from convert_sets import LABEL

if find_spec("apache_beam"):
    from convert_fixtures import coco as coco
    from convert_fixtures import convert as convert
    from convert_fixtures import made as made
    from convert_fixtures import picture as picture
    from convert_fixtures import read as read


@pytest.fixture
def secrets(tmp_path, picture):
    """A folder beside the data, with text and pictures that are nobody's business."""
    folder = tmp_path / "secrets"
    for name in ("im01.jpg", "im02.jpg"):
        picture(folder / "private" / name)
    (folder / "token").write_text("SECRET-TOKEN\n")
    (folder / "list.txt").write_text("images/SECRET-TOKEN.jpg\n")
    (folder / "im01.txt").write_text(LABEL)
    return folder

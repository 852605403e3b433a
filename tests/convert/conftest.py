"""The fixtures of convert's tests."""

import pytest

pytest.importorskip("apache_beam", reason="convert runs in the data environment")

from convert_fixtures import coco as coco
from convert_fixtures import convert as convert
from convert_fixtures import made as made
from convert_fixtures import picture as picture
from convert_fixtures import read as read

# environment: authoring
"""Numbers with their nouns and verbs."""

import pytest

from boxwright.core.plurals import count


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (count(0, "image"), "0 images"),
        (count(1, "image"), "1 image"),
        (count(2, "image"), "2 images"),
        (count(2, "class"), "2 classes"),
        (count(3, "box"), "3 boxes"),
        (count(1, "image", "is"), "1 image is"),
        (count(2, "image", "was"), "2 images were"),
        (count(2, "box", "lies"), "2 boxes lie"),
        (count(1, "file", "has"), "1 file has"),
    ],
)
def test_count(found, expected):
    assert found == expected

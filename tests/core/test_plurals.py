# environment: authoring
"""Numbers with their nouns and verbs."""

import pytest

from boxwright.core.plurals import count, part_of


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


def test_a_share_is_told_in_words_at_its_ends():
    shares = (1, 0.996, 0.4, 0.001, 0)
    assert [part_of(share, "3 dogs") for share in shares] == [
        "all 3 dogs", "more than 99% of the 3 dogs", "40% of the 3 dogs", "less than 1% of the 3 dogs", "none of the 3 dogs"
    ]  # fmt: skip
    assert part_of(1, "dogs", no=True) == "any of the dogs"

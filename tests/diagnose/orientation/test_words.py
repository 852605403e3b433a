# environment: data
"""What class names say about up and down, left and right."""

import pytest

from boxwright.diagnose.orientation import words


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("person", "up"),
        ("People", "up"),
        ("TrafficSign", "up"),
        ("traffic light", "up"),
        ("fire-hydrants", "up"),
        ("PlasticBottle_Close", "up"),
        ("cell phone", "up"),
        ("puppies", "up"),
        ("apple_tree", "up"),
        ("Fußgänger", "up"),
        ("Verkehrsschild", "up"),
        ("señales", "up"),
        ("árvores", "up"),
        ("bouteilles", "up"),
        ("gatti", "up"),
        ("RBC", "cell"),
        ("white blood cells", "cell"),
        ("Plaquettes", "cell"),
        ("MicroPlastic2", "cell"),
        ("hex_nut", "flat"),
        ("tornillos", "flat"),
        ("car scratch", "flat"),
        ("bottle cap", "up"),
        ("aberta", ""),
        ("class1", ""),
        ("3", ""),
        ("", ""),
        ("carpet", ""),
        ("x" * 100_000, ""),
    ],
)
def test_the_last_known_word_says_what_it_is(name, said):
    assert words.says(name) == said


@pytest.mark.parametrize(
    ("classes", "sided"),
    [
        (["hand", "left hand"], "left hand"),
        (["TurnRight"], "TurnRight"),
        (["anti-clockwise"], "anti-clockwise"),
        (["mano izquierda"], "mano izquierda"),
        (["leftover", "bright"], ""),
    ],
)
def test_names_that_change_their_meaning_when_mirrored(classes, sided):
    assert words.sided(classes) == sided


@pytest.mark.parametrize(
    ("classes", "letters"),
    [
        (list("ABCDE"), True),
        (list("0123456789"), True),
        (["0", "1", "2"], False),
        (["A", "B"], False),
        (["one", "two", "three", "four", "five", "six"], True),
        (["nine", "ten", "king"], False),
    ],
)
def test_letters_and_digits_are_an_alphabet(classes, letters):
    assert words.alphabet(classes) == letters


@pytest.mark.parametrize(
    ("name", "above"), [("tennis-court", True), ("large_vehicle", True), ("swimming pools", True), ("pool", False)]
)
def test_classes_of_views_from_above(name, above):
    assert words.from_above(name) == above


def test_no_word_says_two_things():
    lists = [set(text.split()) for text in (words._UP, words._CELL, words._FLAT)]
    assert [sorted(a & b) for a, b in ((lists[0], lists[1]), (lists[0], lists[2]), (lists[1], lists[2]))] == [
        [],
        [],
        [],
    ]

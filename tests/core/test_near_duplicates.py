# environment: data
"""Pairs of similar hashes, compared with counting the bits of every pair."""

import imagehash
import numpy as np
import pytest
from PIL import Image

from boxwright.core import near_duplicates


def flipped(value: int, *bits: int) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


BASE = 0x0F1E_2D3C_4B5A_6978


@pytest.mark.parametrize(
    ("bits", "alike"),
    [
        ((), True),
        ((0,), True),
        ((0, 20, 40), True),  # three bands differ, the fourth is shared
        ((1, 2, 3), True),
        ((0, 20, 40, 60), False),
        ((0, 1, 2, 3), False),
    ],
)
def test_up_to_three_bits_are_one_picture(bits, alike):
    hashes = np.array([BASE, flipped(BASE, *bits)], np.uint64)
    assert near_duplicates.pairs(hashes).tolist() == ([[0, 1]] if alike else [])


@pytest.mark.parametrize("many", [near_duplicates._MANY, 30])
@pytest.mark.parametrize("equal", [0, 24, 40])
def test_finds_exactly_the_pairs_of_brute_force(many, equal, monkeypatch):
    """many: from how many equal bands on they are divided again. equal: bits that are the same in all hashes."""
    monkeypatch.setattr(near_duplicates, "_MANY", many)
    dice = np.random.default_rng(0)
    seeds = (dice.integers(0, 2**63, 40, np.uint64) >> equal) | np.uint64(2**63)
    near = [
        flipped(int(seeds[i % 40]), *dice.choice(64, dice.integers(0, 6), replace=False).tolist()) for i in range(260)
    ]
    hashes = np.array([*seeds.tolist(), *near], np.uint64)
    turned = near_duplicates.mirrored(hashes)
    expected = [
        [i, j]
        for i in range(len(hashes))
        for j in range(i + 1, len(hashes))
        if min((int(hashes[i]) ^ int(other)).bit_count() for other in (hashes[j], turned[j])) <= 3
        or (int(turned[i]) ^ int(hashes[j])).bit_count() <= 3
    ]
    assert len(expected) > 100 and near_duplicates.pairs(hashes).tolist() == expected


def test_links_connect_what_pairs_connect():
    """Five equal hashes, a near one, two blank ones and an unrelated one give five links instead of fifteen pairs."""
    hashes = np.array([BASE, 0, *[BASE] * 4, flipped(BASE, 7), 0, flipped(BASE, 1, 12, 33, 50)], np.uint64)
    assert near_duplicates.links(hashes).tolist() == [[0, 2], [0, 3], [0, 4], [0, 5], [0, 6]]
    assert (
        near_duplicates.groups(9, near_duplicates.links(hashes)).tolist()
        == near_duplicates.groups(9, near_duplicates.pairs(hashes)).tolist()
    )
    assert near_duplicates.links(np.array([], np.uint64)).tolist() == []


def test_a_mirrored_picture_is_the_same_picture():
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    picture = Image.fromarray(pixels).resize((256, 256))
    mirror = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    hashes = near_duplicates.parsed([str(imagehash.dhash(one)) for one in (picture, mirror)])
    assert near_duplicates.pairs(hashes).tolist() == [[0, 1]]


def test_blank_pictures_have_no_pairs():
    assert near_duplicates.pairs(np.array([0, 0, 2**64 - 1], np.uint64)).tolist() == []


def test_pairs_of_no_hashes_are_empty():
    assert near_duplicates.pairs(np.array([], np.uint64)).tolist() == []


def test_groups_connect_chains():
    assert near_duplicates.groups(5, np.array([[0, 2], [2, 4]])).tolist() == [0, 1, 0, 2, 0]


def test_same_pictures_without_hashes_are_known_by_name():
    """The first image has no hash. The second and third are duplicates by hash, the last two by Roboflow's names."""
    names = ["a.jpg", "b.jpg", "c.jpg", "train/d_jpg.rf.1.jpg", "test/d_jpg.rf.2.jpg"]
    same = near_duplicates.same_pictures(names, [None, f"{BASE:016x}", f"{flipped(BASE, 1):016x}", None, None])
    assert same.first(np.ones(5, bool)).tolist() == [0, 1, 1, 3, 3]
    assert [same.groups.tolist().count(group) for group in same.groups] == [1, 2, 2, 2, 2]


def test_images_without_hashes_are_different_pictures():
    same = near_duplicates.same_pictures(["a.jpg", "b.jpg"], [None, None])
    assert same.first(np.array([True, False])).tolist() == [0, 2] and same.groups.tolist() == [0, 1]


def test_first_is_direct_and_groups_are_not():
    """The second hash differs from the first and the third in 3 bits each. The blank image resembles only itself."""
    hashes = [BASE, flipped(BASE, 0, 1, 2), flipped(BASE, *range(6)), 0]
    same = near_duplicates.same_pictures(list("abcd"), [f"{one:016x}" for one in hashes])
    assert same.first(np.array([True, False, False, True])).tolist() == [0, 0, 4, 3]
    assert same.groups.tolist() == [0, 0, 0, 1]


def test_agrees_with_pairs():
    """Many equal, near, blank and unmeasured images, and versions by Roboflow."""
    dice = np.random.default_rng(3)
    hashes = [flipped(BASE, *dice.choice(64, dice.integers(0, 5), replace=False).tolist()) for _ in range(20)]
    texts = [None if dice.random() < 0.1 else f"{[*hashes, 0][dice.integers(21)]:016x}" for _ in range(120)]
    names = [f"p{dice.integers(30)}_jpg.rf.{row}.jpg" if row % 3 else f"{row}.jpg" for row in range(120)]
    same, among = near_duplicates.same_pictures(names, texts), dice.random(120) < 0.5
    measured = np.array([row for row in range(120) if texts[row] is not None])
    alike = measured[near_duplicates.pairs(near_duplicates.parsed([text for text in texts if text]))].tolist()
    versions = [near_duplicates.roboflow_picture(name) for name in names]
    alike += [[a, b] for a in range(120) for b in range(a + 1, 120) if versions[a] and versions[a] == versions[b]]
    first = np.where(among, np.arange(120), 120)
    for a, b in alike:
        first[b], first[a] = min(first[b], a if among[a] else 120), min(first[a], b if among[b] else 120)
    assert same.first(among).tolist() == first.tolist()
    assert same.groups.tolist() == near_duplicates.groups(120, np.array(alike)).tolist()


@pytest.mark.parametrize(
    ("filename", "picture"),
    [
        ("a.jpg", None),
        ("images/a_jpg.rf.0123.jpg", "a_jpg"),
        ("antenna.rf.1_jpg.rf.0123.jpg", "antenna.rf.1_jpg"),  # the last `.rf.` counts
    ],
)
def test_roboflow_names_end_at_the_last_mark(filename, picture):
    assert near_duplicates.roboflow_picture(filename) == picture

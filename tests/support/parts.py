# environment: authoring
"""The twelve pictures of 320x240 pixels that most cases of `shared/cases` hold, with the objects that are drawn in them.

A picture is known by the CRC-32 of its bytes, because each case gives it another name. The boxes are left, top, right, bottom in
pixels.
"""

import zlib
from pathlib import Path

SIZE = (320, 240)
TRUTH = {
    2109297707: [("nut", 261, 124, 303, 162), ("nut", 111, 129, 173, 177), ("bolt", 230, 37, 309, 92)],
    991585788: [("bolt", 253, 194, 309, 227), ("nut", 249, 7, 302, 40)],
    1551758994: [("bolt", 86, 188, 131, 229), ("bolt", 148, 174, 226, 205)],
    1954713006: [("bolt", 242, 160, 305, 219), ("bolt", 141, 59, 211, 97)],
    3932709179: [("nut", 202, 122, 248, 175), ("bolt", 204, 15, 269, 62)],
    913629622: [
        *(("nut", 14, 119, 76, 174), ("bolt", 190, 120, 240, 153)),
        *(("bolt", 3, 187, 79, 224), ("bolt", 36, 35, 100, 70)),
    ],
    3973420809: [
        *(("bolt", 66, 9, 137, 63), ("nut", 11, 69, 74, 109)),
        *(("nut", 174, 24, 248, 71), ("nut", 92, 104, 171, 155)),
    ],
    3940271424: [("bolt", 12, 18, 77, 68), ("bolt", 111, 107, 183, 143), ("nut", 31, 147, 74, 203)],
    563505242: [("nut", 98, 180, 162, 214), ("bolt", 7, 117, 79, 153)],
    572935094: [("nut", 95, 173, 152, 207), ("nut", 239, 157, 317, 189), ("nut", 216, 40, 266, 92)],
    1654154692: [
        *(("bolt", 147, 3, 214, 48), ("nut", 266, 125, 316, 156)),
        *(("nut", 71, 154, 113, 197), ("nut", 155, 169, 211, 213)),
    ],
    360756238: [("nut", 218, 150, 286, 196), ("nut", 203, 47, 283, 96), ("bolt", 21, 152, 66, 199)],
}


def objects(picture: Path) -> list[tuple[str, int, int, int, int]]:
    """The objects of a picture, sorted. Raises KeyError for a picture that is none of the twelve."""
    return sorted(TRUTH[zlib.crc32(picture.read_bytes())])


def in_records(converted) -> dict[int, list[tuple[str, int, int, int, int]]]:
    """What a conversion stored, by picture: to be compared with `TRUTH` when the pictures came out of TFRecords."""
    found, records = {}, converted.read()
    for name, boxes in converted.boxes().items():
        record = records[name]
        sides = (record.width, record.height, record.width, record.height)
        found[zlib.crc32(record.encoded)] = sorted(
            (label, *(round(each * side) for each, side in zip((left, top, right, bottom), sides, strict=True)))
            for label, top, left, bottom, right in boxes
        )
    return found


SORTED = {number: sorted(objects) for number, objects in TRUTH.items()}

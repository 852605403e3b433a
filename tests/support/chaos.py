# environment: data
"""Pictures and objects with several faults at once.

`chaos_formats` writes them as data sets; `chaos_expected` says what convert should make of them.
"""

import io
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from PIL import Image

CLASSES = ("cat", "dog", "fish")
SPLITS = ("train", "val", "test")
FLAWS = ("inverted", "zero_area", "outside", "not_a_number", "unknown_class")
_FORMATS = {"16_bit": "PNG", "palette": "PNG", "png": "PNG", "gif": "GIF"}  # the others are JPEG
_TURNED_BACK = {1: None, 3: 3, 6: 2, 8: 4}  # Image.Transpose, the inverse of the EXIF orientation


@dataclass(frozen=True)
class Thing:
    """flaw: empty, one of FLAWS, `over` the edge, or `rounded` over it by half a pixel.

    cell: left, top, width, height in sixteenths of the frame.
    """

    name: str
    cell: tuple[int, int, int, int]
    flaw: str = ""

    def box(self, width: int, height: int) -> tuple[float, float, float, float]:
        """left, top, right, bottom in pixels, as written in the annotation."""
        x, y = width / 16, height / 16
        left, top = self.cell[0] * x, self.cell[1] * y
        right, bottom = left + self.cell[2] * x, top + self.cell[3] * y
        return {
            "inverted": (right, top, left, bottom),
            "zero_area": (left, top, left, bottom),
            "outside": (width + 4.0, top, width + 9.0, bottom),
            "not_a_number": (float("nan"), top, right, bottom),
            "over": (-5.0, top, 5.0, bottom),
            "rounded": (left, top, width + 0.5, bottom),
        }.get(self.flaw, (left, top, right, bottom))


@dataclass(frozen=True)
class Picture:
    """look: pictures with the same look are near-copies; with the same quality, too, they are equal byte for byte.

    claims: the size in the annotation. again: the picture is listed a second time, in this split.
    """

    stem: str
    look: int
    quality: int
    size: tuple[int, int]
    kind: str
    wrong_suffix: bool
    orientation: int
    damage: str
    claims: str
    split: str | None
    listed: bool
    again: str | None
    things: tuple[Thing, ...]

    @property
    def name(self) -> str:
        right, wrong = {"PNG": ("png", "jpg"), "GIF": ("gif", "png")}.get(_FORMATS.get(self.kind, ""), ("jpg", "png"))
        return f"{self.stem}.{wrong if self.wrong_suffix else right}"

    @property
    def turned(self) -> bool:
        """The picture is rotated, and its annotation as well."""
        return self.claims == "stored" and self.orientation >= 5

    @property
    def frame(self) -> tuple[int, int]:
        width, height = self.size
        return (height, width) if self.turned else self.size

    @property
    def claimed(self) -> tuple[int, int] | None:
        width, height = self.frame
        return {"none": None, "wrong": (width + 9, height)}.get(self.claims, (width, height))

    def content(self) -> bytes:
        if self.damage in ("text", "empty"):
            return b"no picture" * (self.damage == "text")
        patches = np.random.default_rng(self.look).integers(0, 256, (8, 8, 3), np.uint8)
        image = Image.fromarray(patches).resize(self.size, Image.Resampling.BICUBIC)
        exif = Image.Exif()
        if self.orientation > 1:
            image, exif[0x0112] = image.transpose(_TURNED_BACK[self.orientation]), self.orientation
        if self.kind == "16_bit":
            image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
        elif self.kind in ("palette", "gray", "cmyk"):
            image = image.convert({"palette": "P", "gray": "L", "cmyk": "CMYK"}[self.kind])
        file = io.BytesIO()
        image.save(file, _FORMATS.get(self.kind, "JPEG"), exif=exif, quality=self.quality)
        whole = file.getvalue()
        return whole[: -len(whole) // 5] if self.damage == "truncated" else whole


@st.composite
def things(draw) -> tuple[Thing, ...]:
    """Most of them are sound. A few are equal."""
    flaw = st.one_of(st.just(""), st.just(""), st.sampled_from([*FLAWS, "over", "over", "rounded"]))
    cell = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 5), st.integers(1, 5))
    found = draw(st.lists(st.builds(Thing, st.sampled_from(CLASSES), cell, flaw), max_size=4))
    return tuple(found + draw(st.lists(st.sampled_from(found), max_size=2))) if found else ()


@st.composite
def pictures(draw) -> list[Picture]:
    splits = draw(st.sampled_from([(None,), (None,), SPLITS, (*SPLITS, None), ("train", "val"), ("train", "test"), ("train",),
                                   ("val", None), ("train", None), ("train", "test", None)]))  # fmt: skip
    worst = draw(st.sampled_from([("",), ("", "", "truncated"), ("", "", "", "missing", "truncated", "text", "empty")]))
    found = []
    for number in range(draw(st.integers(2, 14))):
        kind = draw(st.sampled_from(["jpg"] * 6 + ["gray", "cmyk", "png", "palette", "16_bit", "gif"]))
        damage = draw(st.sampled_from(worst))
        found.append(
            Picture(
                stem=f"{draw(st.sampled_from(['', 's1_', 's2_']))}{number:02}",
                look=draw(st.integers(0, 20)),
                quality=draw(st.sampled_from([95, 80])),
                size=draw(st.sampled_from([(64, 48), (48, 64), (96, 32), (32, 32)])),
                kind=kind if damage != "truncated" or kind != "gif" else "jpg",
                wrong_suffix=draw(st.integers(0, 7)) == 0,
                orientation=draw(st.sampled_from([1, 1, 1, 3, 6, 8])) if kind == "jpg" else 1,
                damage=damage,
                claims=draw(
                    st.sampled_from(["upright", "upright", "stored", "none", "wrong"][: draw(st.integers(1, 5))])
                ),
                split=draw(st.sampled_from(splits)),
                listed=draw(st.integers(0, 9)) > 0,
                again=draw(st.sampled_from(splits)) if draw(st.integers(0, 7)) == 0 else None,
                things=draw(things()),
            )
        )
    return found

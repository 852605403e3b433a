"""Which columns of a table hold the image, the class and the box. The OD API's names come first, then those of other tools."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

COLUMNS = ("filename", "class", "xmin", "ymin", "xmax", "ymax")
# edges: left, top, right, bottom. corner: left, top, width, height. center: the middle, width, height. list: one cell with four
# numbers. unclear: x, y, width, height, where x and y can be the corner or the middle.
Kind = Literal["edges", "corner", "center", "list", "unclear"]

# A name counts only if no name before it is there. `image_id` comes last, because it is a number where a name is there, too.
_FILES = (
    *("filename", "file_name", "image_filename", "image_name", "img_name", "imagename", "image_file", "img_file"),
    *("image_path", "img_path", "imagepath", "file_path", "filepath", "path", "file", "image", "img"),
    *("image_id", "img_id", "imageid", "frame"),
)
_LABELS = (
    *(
        "class",
        "class_name",
        "classname",
        "label",
        "label_name",
        "labelname",
        "category",
        "category_name",
        "object_class",
    ),
    *("classes", "labels", "class_id", "label_id", "category_id", "class_label"),
)
_BOXES: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("edges", ("xmin", "ymin", "xmax", "ymax")),
    ("edges", ("x_min", "y_min", "x_max", "y_max")),
    ("edges", ("min_x", "min_y", "max_x", "max_y")),
    ("edges", ("minx", "miny", "maxx", "maxy")),
    ("edges", ("x1", "y1", "x2", "y2")),
    ("edges", ("x_1", "y_1", "x_2", "y_2")),
    ("edges", ("x0", "y0", "x1", "y1")),
    ("edges", ("xtl", "ytl", "xbr", "ybr")),
    ("edges", ("left", "top", "right", "bottom")),
    ("corner", ("left", "top", "width", "height")),
    ("corner", ("left", "top", "w", "h")),
    ("corner", ("xmin", "ymin", "w", "h")),
    ("corner", ("x_min", "y_min", "w", "h")),
    ("corner", ("xmin", "ymin", "box_width", "box_height")),
    ("corner", ("xmin", "ymin", "bbox_width", "bbox_height")),
    ("center", ("x_center", "y_center", "width", "height")),
    ("center", ("center_x", "center_y", "width", "height")),
    ("center", ("x_center", "y_center", "w", "h")),
    ("center", ("xcenter", "ycenter", "width", "height")),
    ("center", ("cx", "cy", "w", "h")),
    ("center", ("cx", "cy", "width", "height")),
    ("list", ("bbox",)),
    ("list", ("box",)),
    ("list", ("bounding_box",)),
    ("unclear", ("x", "y", "w", "h")),
    ("unclear", ("x", "y", "width", "height")),
)
# Make Sense's export, which counts from the left upper corner.
_MAKE_SENSE = ("bbox_x", "bbox_y", "bbox_width", "bbox_height")
_PREFIX = re.compile(r"^(?:bbox|box|bb|bndbox|bounding_box)_")
_SIZES = (
    *(("image_width", "image_height"), ("img_width", "img_height"), ("image_w", "image_h"), ("img_w", "img_h")),
    *(("imagewidth", "imageheight"), ("width", "height")),
)
# Only detections of a model have such a column. Open Images has a Confidence, too; another format reads it.
_SCORES = frozenset(("score", "scores", "confidence", "conf", "probability", "detection_score"))
_CORNERS = frozenset(("x3", "y3", "x4", "y4"))


class Columns(NamedTuple):
    """The titles of the columns that are used.

    label: empty if no column names classes. size: of the image, or empty. order: of the four numbers in one cell, `edges` or
    `corner`; empty for other kinds.
    """

    file: str
    label: str
    box: tuple[str, ...]
    kind: Kind
    size: tuple[str, ...] = ()
    order: str = ""

    @property
    def form(self) -> str:
        """What the four numbers of a box are: edges, corner or center."""
        return self.order or self.kind

    @property
    def needed(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.file, self.label, *self.box)))

    @property
    def used(self) -> tuple[str, ...]:
        return (*self.needed, *self.size)

    def renamed(self) -> list[str]:
        """`image as filename`: what each column with another name was taken for."""
        wanted = {
            "corner": ("left", "top", "width", "height"),
            "center": ("the middle's x", "its y", "width", "height"),
        }
        meanings = wanted.get(self.form, COLUMNS[2:])
        if self.kind == "list":
            meanings = (", ".join(meanings),)
        pairs = [(self.file, "filename"), (self.label, "class"), *zip(self.box, meanings, strict=False)]
        return [f"{title} as {meaning}" for title, meaning in pairs if title and title != meaning]


EXACT = Columns("filename", "class", COLUMNS[2:], "edges", ("width", "height"))
WITHOUT_SIZE = EXACT._replace(size=())


def is_exact(titles: Collection[str]) -> bool:
    """Whether a table has the OD API's columns. titles: tidied."""
    return set(COLUMNS) <= set(titles)


def choose(titles: Sequence[str]) -> Columns | None:
    """The columns of a table with other names. None unless it has the image and the box of each object. titles: tidied."""
    plain = {_plain(title): title for title in reversed(titles)}
    file, label = _first(_FILES, plain), _first(_LABELS, plain)
    found = _box(titles, plain)
    if not file or not found:
        return None
    kind, box = found
    size = next((pair for names in _SIZES if len(pair := _all(names, plain)) == 2 and not {*pair} & {*box}), ())
    return Columns(file, label, box, kind, size)


def score_in(titles: Collection[str]) -> str:
    """The column that only detections of a model have, or empty."""
    return next((title for title in titles if _plain(title) in _SCORES), "")


def has_four_corners(titles: Collection[str]) -> bool:
    return len(_CORNERS & set(map(_plain, titles))) > 1


def missing(titles: Sequence[str]) -> list[str]:
    """The names of COLUMNS that no column stands for. titles: tidied."""
    plain = {_plain(title): title for title in titles}
    names = dict.fromkeys(COLUMNS, "") | {"filename": _first(_FILES, plain), "class": _first(_LABELS, plain)}
    if not _box(titles, plain):
        names |= {side: plain.get(side, "") for side in COLUMNS[2:]}
    else:
        names |= dict.fromkeys(COLUMNS[2:], "there")
    return [name for name, title in names.items() if not title]


def _box(titles: Sequence[str], plain: Mapping[str, str]) -> tuple[Kind, tuple[str, ...]] | None:
    if set(_MAKE_SENSE) <= set(titles):
        return "corner", _MAKE_SENSE
    short = {_PREFIX.sub("", name): title for name, title in reversed(list(plain.items()))}
    for kind, names in _BOXES:
        for known in (plain, short):
            if len(box := _all(names, known)) == len(names):
                return kind, box
    return None


def _all(names: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(known[name] for name in names if name in known)


def _first(names: Sequence[str], known: Mapping[str, str]) -> str:
    return next((known[name] for name in names if name in known), "")


def _plain(title: str) -> str:
    return re.sub(r"[ .\-]+", "_", title)

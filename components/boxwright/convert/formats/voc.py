"""Pascal VOC xml: with the splits of `ImageSets/Main`, or xml files beside their images (labelImg).

The VOC development kit counts pixels from 1, and its xmax is the last pixel inside: the edges are xmin - 1 and xmax. Most tools
write edges counted from 0 into the same format. `_detect_origin` decides which of the two applies, if the data show it.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from xml.etree import ElementTree

from boxwright.convert import notices
from boxwright.convert.objects import voc_shapes
from boxwright.convert.objects.voc_shapes import Shapes
from boxwright.convert.reading import files, merge_annotations, shape_notices
from boxwright.convert.reading.fields import parse_number, parse_size
from boxwright.convert.reading.files import Folder, is_image
from boxwright.convert.reading.reader import Reader
from boxwright.convert.reading.source import Fault, Image, Source
from boxwright.core.findings import Finding
from boxwright.core.foreign_files import xml_text
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

# Does not match CVAT's `<annotations>`.
_ANNOTATION = re.compile(rb"<annotation[\s/>]")
_FLAGS = ("-1", "0", "1")
_CHALLENGE = re.compile(r"\bVOC ?20\d\d\b", re.IGNORECASE)

# An xml file's root element, or why it cannot be parsed.
Parsed = ElementTree.Element | Exception


def find(folder: Folder) -> list[Path]:
    """The xml files that hold a VOC annotation."""
    return [file for file in folder.other_files if file.suffix.lower() == ".xml" and _is_voc(file)]


def _is_voc(file: Path) -> bool:
    return bool(_ANNOTATION.search(files.load_start(file, 2048) or b""))


def read(folder: Folder, annotations: list[Path], _: str = "") -> Source:
    """Raises UserError for several sets of ImageSets/Main lists."""
    root = folder.root
    data = Source("voc", root)
    parsed = {file: _parse(file) for file in annotations}
    image_files = _locate_images(parsed, folder)
    origin, data.notices = _detect_origin([tree for tree in parsed.values() if isinstance(tree, ElementTree.Element)])
    shapes = Shapes(origin)
    images = [_image(tree, file, image_files[file], folder, shapes) for file, tree in parsed.items()]
    if shapes.is_wrong_unit:
        shapes = Shapes(origin, "degrees")
        images = [_image(tree, file, image_files[file], folder, shapes) for file, tree in parsed.items()]
    if shapes.turned:
        how = " (angles in degrees)" if shapes.unit == "degrees" else ""
        data.notices.append(shape_notices.turned(shapes.turned, sum(len(image.objects) for image in images), how))
    if lists := _list_files(folder):
        images, list_notices = _with_lists(images, lists, root)
        data.notices += list_notices
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlabelled", "no xml for this image")
    return data


def _parse(xml: Path) -> Parsed:
    try:
        return xml_text.parse(files.load_bytes(xml, limits.IMAGE_LABEL_BYTES), xml)
    except (xml_text.InvalidXml, limits.TooLarge) as error:
        return error


def _locate_images(parsed: dict[Path, Parsed], folder: Folder) -> dict[Path, Path]:
    """The image of each xml: beside it, else in a folder beside its own, else the only one of that name that no other xml has
    claimed. If there is none, the place where it was expected.

    The name of the xml is tried before its <filename>, which often keeps an old name when files are renamed.
    """
    filenames = {xml: _filename(tree) for xml, tree in parsed.items()}
    known, found = set(folder.files), dict[Path, Path]()
    for names in ({xml: xml.stem for xml in parsed}, filenames):
        for place in _PLACES:
            if left := [xml for xml in parsed if xml not in found]:
                taken = set(found.values())
                free = [image for image in folder.image_files if image not in taken]
                found |= _claims({xml: names[xml] for xml in left}, free, place, folder)
    return {xml: found.get(xml) or _expected(xml, filenames[xml], known) for xml in parsed}


def _claims(
    names: dict[Path, str], free: list[Path], place: Callable[[Path], Path | None], folder: Folder
) -> dict[Path, Path]:
    """The only image for each xml that has its name, the same place, and no other split. If several lie beside the xml (`a.jpg`
    and `a.png`), the first.

    names: the name to look for, by xml. free: the images that no xml has claimed.
    """
    by_split: dict[tuple[str, Path | None], dict[str | None, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for image in free:
        split = folder.split_of(image)
        for name in (image.stem, image.name):
            by_split[name, place(image)][split].append(image)
    claims = {}
    for xml, name in names.items():
        split = folder.split_of(xml)
        splits = by_split.get((name, place(xml)), {})
        close = [images for of, images in splits.items() if of == split or None in (of, split)]
        if sum(map(len, close)) == 1 or (close and place is _beside):
            claims[xml] = close[0][0]
    return claims


def _expected(xml: Path, filename: str, known: set[Path]) -> Path:
    """Where the image should be. An existing file of that name belongs to another xml."""
    path = xml.with_name(filename if Path(filename).name else xml.stem)
    return xml.with_suffix(path.suffix) if path in known else path


def _filename(tree: Parsed) -> str:
    text = "" if isinstance(tree, Exception) else tree.findtext("filename") or ""
    return text.replace("\\", "/").rsplit("/", 1)[-1]


def _beside(file: Path) -> Path | None:
    return file.parent


def _in_next_folder(file: Path) -> Path | None:
    return file.parent.parent


def _anywhere(_: Path) -> Path | None:
    return None


# An image belongs to an xml in the same place; the nearest is tried first.
_PLACES = (_beside, _in_next_folder, _anywhere)


def _detect_origin(trees: list[ElementTree.Element]) -> tuple[float, list[Finding]]:
    """The value of xmin and ymin at the left and top edge of an image: 0 or 1.

    1 if every file names a VOC challenge and no value is smaller, else 0. A smallest value of 1 alone proves nothing, because
    many tools never write 0 (labelImg makes it 1). A few fractions prove nothing, because VOC2012 has some. Many fractions
    mean that the boxes were scaled.
    """
    starts = [parse_number(box.findtext(side)) for box in _boxes(trees) for side in ("xmin", "ymin")]
    starts = [value for value in starts if math.isfinite(value)]
    smallest, whole = min(starts, default=0.0), sum(value.is_integer() for value in starts)
    if smallest < 1 or 2 * whole <= len(starts):
        return 0.0, []
    if all(_CHALLENGE.search(tree.findtext("source/database") or "") for tree in trees):
        return 1.0, [_counted_from_one(len(starts) // 2)]
    if whole < len(starts) or smallest > 1:
        return 0.0, []
    return 0.0, [_origin_unknown(sum(value == 1 for value in starts), len(starts))]


def _counted_from_one(boxes: int) -> Finding:
    return notices.build(
        "counted_from_one", "The boxes were counted from 1",
        "The xml files are of a VOC challenge, which counts pixels from 1: 1 was subtracted from every xmin and ymin",
        count=boxes, of=boxes, what="boxes",
    )  # fmt: skip


def _origin_unknown(ones: int, count: int) -> Finding:
    claim = (
        "The smallest xmin or ymin is 1: either pixels are counted from 1, or the annotation tool never writes 0. "
        "The boxes were left as they are, at most a pixel off"
    )
    title = "The boxes may be counted from 0 or from 1"
    return notices.build("origin_unknown", title, claim, count=ones, of=count, what="xmin and ymin that are 1")


def _boxes(trees: list[ElementTree.Element]) -> Iterator[ElementTree.Element]:
    return (box for tree in trees for box in tree.iterfind("object/bndbox"))


def _image(tree: Parsed, xml: Path, file: Path, folder: Folder, shapes: Shapes) -> Image:
    name, split = files.relative_name(file, folder.root), folder.split_of(file) or folder.split_of(xml)
    if isinstance(tree, Exception):
        return Image(file, name, split=split, fault=Fault("unreadable_annotation", str(tree)))
    size = parse_size(tree.findtext("size/width"), tree.findtext("size/height"))
    return Image(file, name, tuple(voc_shapes.object_of(e, shapes) for e in tree.findall("object")), split, size)


def _list_files(folder: Folder) -> list[Path]:
    """The lists of ImageSets/Main. Raises UserError for several sets of them."""
    lists = [file for file in folder.files if file.parent.name == "Main" and file.parent.parent.name == "ImageSets"]
    if len(folders := {file.parent for file in lists}) > 1:
        names = ", ".join(sorted(files.relative_name(each, folder.root) for each in folders))
        raise UserError(
            f"{folder.root} holds several VOC sets ({names}); give --data the folder that contains one ImageSets"
        )
    return lists


def _with_lists(images: list[Image], lists: list[Path], root: Path) -> tuple[list[Image], list[Finding]]:
    """Images in the order of ImageSets/Main, with its splits. `trainval` stands for train if there is no train."""
    by_split = {file.stem: file for file in lists if file.suffix.lower() == ".txt"}
    if "train" not in by_split and "trainval" in by_split:
        by_split["train"] = by_split["trainval"]
    named: dict[str, Image] = {}
    for part in ("stem", "name"):
        for image in images:
            named.setdefault(getattr(image.file, part), image)
    pairs = [(split, e) for split in SPLITS if split in by_split for e in _entries(by_split[split], named)]
    if not pairs:
        return images, [_empty_image_sets(len(images))]
    listed = [
        named[entry]._replace(split=split) if entry in named else _missing_image(entry, by_split[split], root)
        for split, entry in pairs
    ]
    used = {id(named[entry]) for _, entry in pairs if entry in named}  # two images can have the same missing file
    return listed + [i.with_fault("unlisted", "in no ImageSets/Main list") for i in images if id(i) not in used], []


def _empty_image_sets(count: int) -> Finding:
    return notices.build(
        "empty_image_sets", "The lists of ImageSets/Main are empty", "ImageSets/Main lists no image: its splits are not used",
        count=0, of=count, what="images listed", cause="split",
        remedy="Fill train.txt and val.txt in ImageSets/Main, or keep the splits that convert makes.",
    )  # fmt: skip


def _missing_image(entry: str, list_file: Path, root: Path) -> Image:
    file = list_file.parents[2] / "JPEGImages" / (entry if is_image(Path(entry)) else f"{entry}.jpg")
    return Image(file, files.relative_name(file, root), fault=Fault("missing", f"listed in {list_file.stem}.txt"))


def _entries(file: Path, named: Container[str]) -> list[str]:
    return [_entry(line, named) for line in files.load_lines(file)]


def _entry(line: str, named: Container[str]) -> str:
    """The image name in a line, without folders and suffix. In per-class lists, a 1, 0 or -1 follows it."""
    name = line.replace("\\", "/").rsplit("/", 1)[-1]
    words = name.rsplit(maxsplit=1)
    plain = words[0] if len(words) == 2 and words[1] in _FLAGS else name
    tries = (name, plain, Path(plain).stem if is_image(Path(plain)) else plain)
    return next((name for name in tries if name in named), plain)


READER = Reader(expected="Pascal VOC xml", find=find, read=read)

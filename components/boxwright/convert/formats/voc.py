"""Pascal VOC xml: with the splits of `ImageSets/Main`, or xml files beside their images (labelImg).

The VOC development kit counts pixels from 1, and its xmax is the last pixel inside: the edges are xmin - 1 and xmax. Most tools
write edges counted from 0 into the same format. `_detect_origin` decides which of the two applies, if the data show it.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from boxwright.convert import notices
from boxwright.convert.objects import voc_shapes
from boxwright.convert.objects.voc_shapes import Shapes
from boxwright.convert.reading import files, merge_annotations, shape_notices
from boxwright.convert.reading.fields import parse_number, parse_size
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.names import image_of_label, respelled
from boxwright.convert.reading.reader import Reader
from boxwright.convert.reading.source import Fault, Image, Source
from boxwright.convert.splits import voc_lists
from boxwright.core.findings import Finding
from boxwright.core.foreign_files import walk, xml_text
from boxwright.core.runtime import limits

# Does not match CVAT's `<annotations>`.
_ANNOTATION = re.compile(rb"<annotation[\s/>]")
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
    data = Source("voc", folder.root)
    parsed = {file: _parse(file) for file in annotations}
    image_files = _locate_images(parsed, folder)
    named = (lambda xml: xml.stem, lambda xml: _filename(parsed[xml]))
    found = image_of_label.respell(image_files, named, folder)
    image_files |= found
    image_files |= _second_annotations(image_files, folder)
    origin, data.notices = _detect_origin([tree for tree in parsed.values() if isinstance(tree, ElementTree.Element)])
    data.notices += respelled.notice(image_of_label.by_label(found, folder).items(), folder.root, len(parsed))
    shapes = Shapes(origin)
    images = [_image(tree, file, image_files[file], folder, shapes) for file, tree in parsed.items()]
    if shapes.is_wrong_unit:
        shapes = Shapes(origin, "degrees")
        images = [_image(tree, file, image_files[file], folder, shapes) for file, tree in parsed.items()]
    if shapes.turned:
        how = " (angles in degrees)" if shapes.unit == "degrees" else ""
        data.notices.append(shape_notices.turned(shapes.turned, sum(len(image.objects) for image in images), how))
    labels = [(image.filename, xml) for image, xml in zip(images, parsed, strict=True)]
    images, merged = merge_annotations.merge_listings([images], "xml")
    images, listed = voc_lists.apply(images, labels, folder)
    data.notices += merged + listed
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


def _second_annotations(image_files: dict[Path, Path], folder: Folder) -> dict[Path, Path]:
    """The images of another annotator's xml files, which other xml files have claimed.

    Such xml files have a folder without images, beside or above that of the images. Each of them has the name of one image only.
    """
    lost = [xml for xml, image in image_files.items() if str(image) not in folder.listed]
    if not lost:
        return {}
    with_images = {image.parent for image in folder.image_files}
    by_stem: dict[str, list[Path]] = defaultdict(list)
    for image in folder.image_files:
        by_stem[image.stem].append(image)
    alike = {xml: by_stem.get(xml.stem, []) for xml in lost if xml.parent not in with_images}
    found = {xml: of[0] for xml, of in alike.items() if len(of) == 1 and _may_be_second(xml, of[0], folder)}
    others = {xml.parent for xml in lost if xml not in found}
    return {xml: image for xml, image in found.items() if xml.parent not in others}


def _may_be_second(xml: Path, image: Path, folder: Folder) -> bool:
    near = walk.is_inside(str(image), str(xml.parent.parent))
    return near and folder.split_of(xml) in (None, folder.split_of(image))


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


READER = Reader(expected="Pascal VOC xml", find=find, read=read)

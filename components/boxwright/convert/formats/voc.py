"""Reads Pascal VOC xml: with `ImageSets/Main` splits, or xml files beside their images (labelImg).

The VOC development kit counts pixels from 1 and its xmax is the last pixel inside: the edges are xmin - 1 and xmax. Most tools
write edges counted from 0 into the same format. `_origin` finds out which it is, as far as it can be known.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from xml.etree import ElementTree

from boxwright.convert.formats import merge_annotations, source
from boxwright.convert.formats.source import Fault, Folder, Image, Near, Notice, Object, Source, is_image, with_fault
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime.errors import UserError

# Not CVAT's `<annotations>`.
_ANNOTATION = re.compile(rb"<annotation[\s/>]")
_FLAG = re.compile(r"\s+(-1|0|1)$")
_CHALLENGE = re.compile(r"\bVOC ?20\d\d\b", re.IGNORECASE)


def find(folder: Folder) -> list[Path]:
    """The xml files that hold a VOC annotation."""
    return [file for file in folder.others if file.suffix.lower() == ".xml" and _sniff(file)]


def _sniff(file: Path) -> bool:
    return bool(_ANNOTATION.search(source.head(file, 2048) or b""))


def nearly(file: Path) -> Near | None:
    if file.suffix.lower() != ".xml" or b"<annotations" not in (source.head(file, 2048) or b""):
        return None
    return Near("is CVAT's own xml; export it as COCO or as Pascal VOC")


def read(folder: Folder, annotations: list[Path]) -> Source:
    root = folder.root
    data = Source("voc", root)
    parsed = {file: _parse(file) for file in annotations}
    pictures = _pictures(parsed, folder)
    origin, data.notices = _origin([tree for tree in parsed.values() if isinstance(tree, ElementTree.Element)])
    images = [_image(tree, pictures[file], root, origin) for file, tree in parsed.items()]
    lists = [file for file in folder.files if file.parent.name == "Main" and file.parent.parent.name == "ImageSets"]
    if len(folders := {file.parent for file in lists}) > 1:
        names = ", ".join(sorted(source.relative(folder, root) for folder in folders))
        raise UserError(f"{root} holds several VOC sets ({names}); give --data the folder above one ImageSets")
    if lists:
        images, notices = _with_lists(images, lists, root)
        data.notices += notices
    data.images = merge_annotations.without_duplicates(images)
    data.images += merge_annotations.unlisted(folder, data.images, "unlabelled", "no xml for this image")
    return data


Parsed = ElementTree.Element | Exception


def _parse(xml: Path) -> Parsed:
    text = source.content(xml)
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the latter two: an encoding it does not know
        return error


def _pictures(parsed: dict[Path, Parsed], folder: Folder) -> dict[Path, Path]:
    """The picture of each xml: beside it, else in a folder beside its own, else the only one of its name that no other xml
    has found before; where there is none, the place it was expected.

    The xml's own name counts before the <filename> in it, which keeps the old name when files are renamed.
    """
    pictures = defaultdict(list)
    for file in folder.pictures:
        pictures[file.stem].append(file)
        pictures[file.name].append(file)
    filenames = {xml: _filename(tree) for xml, tree in parsed.items()}
    known, found = set(folder.files), dict[Path, Path]()
    for names in ({xml: xml.stem for xml in parsed}, filenames):
        for near in _NEARNESS:
            taken = set(found.values())
            for xml in (xml for xml in parsed if xml not in found):
                free = [p for p in pictures[names[xml]] if p not in taken and _same_split(xml, p, folder.root)]
                if picture := _claimed(xml, free, near):
                    found[xml] = picture
    return {xml: found.get(xml) or _expected(xml, filenames[xml], known) for xml in parsed}


def _claimed(xml: Path, free: list[Path], near: Callable[[Path, Path], bool]) -> Path | None:
    """The picture that is so near, if it is the only one; of several beside the xml (`a.jpg` and `a.png`) the first."""
    close = [picture for picture in free if near(xml, picture)]
    return close[0] if len(close) == 1 or (close and near is _beside) else None


def _expected(xml: Path, filename: str, files: set[Path]) -> Path:
    """Where the picture should be. Another xml's picture that is there under this name is not it."""
    path = xml.with_name(filename if Path(filename).name else xml.stem)
    return xml.with_suffix(path.suffix) if path in files else path


def _filename(tree: Parsed) -> str:
    text = "" if isinstance(tree, Exception) else tree.findtext("filename") or ""
    return text.replace("\\", "/").rsplit("/", 1)[-1]


def _beside(xml: Path, picture: Path) -> bool:
    return picture.parent == xml.parent


def _in_next_folder(xml: Path, picture: Path) -> bool:
    return picture.parent.parent == xml.parent.parent


def _anywhere(xml: Path, picture: Path) -> bool:
    return True


_NEARNESS = (_beside, _in_next_folder, _anywhere)


def _same_split(xml: Path, picture: Path, root: Path) -> bool:
    """False for the picture of `valid/` that has the name of an xml in `train/`."""
    splits = {source.split_of_folder(source.relative(file, root)) for file in (xml, picture)}
    return len(splits - {None}) < 2


def _origin(trees: list[ElementTree.Element]) -> tuple[float, list[Notice]]:
    """What xmin and ymin of the left and top edge of an image are: 1 where the files name a VOC challenge and hold nothing
    smaller, else 0. Many tools never write 0 (labelImg makes it 1), so that a smallest 1 alone proves nothing; nor do a few
    fractions, which VOC2012 has. With many, the boxes were scaled."""
    starts = [source.number(box.findtext(side)) for box in _boxes(trees) for side in ("xmin", "ymin")]
    starts = [value for value in starts if math.isfinite(value)]
    smallest, whole = min(starts, default=0.0), sum(value.is_integer() for value in starts)
    if smallest < 1 or 2 * whole <= len(starts):
        return 0.0, []
    challenge = [bool(_CHALLENGE.search(tree.findtext("source/database") or "")) for tree in trees]
    if all(challenge):
        text = "the xml files are of a VOC challenge, which counts pixels from 1: 1 was taken off every xmin and ymin"
        return 1.0, [Notice("counted_from_one", text, len(starts) // 2)]
    if whole < len(starts):
        return 0.0, []
    if smallest > 1:
        return 0.0, []
    text = "the smallest xmin or ymin is 1: counted from 1, or by a tool that avoids 0. Boxes were left as they are, "
    text += "which is at most a pixel off"
    return 0.0, [Notice("origin_unknown", text, sum(value == 1 for value in starts))]


def _boxes(trees: list[ElementTree.Element]) -> Iterator[ElementTree.Element]:
    return (box for tree in trees for box in tree.iterfind("object/bndbox"))


def _image(tree: Parsed, picture: Path, root: Path, origin: float) -> Image:
    name = source.relative(picture, root)
    split = source.split_of_folder(name)
    if isinstance(tree, Exception):
        return Image(picture, name, split=split, fault=Fault("unreadable_annotation", str(tree)))
    size = tuple(source.number(tree.findtext(f"size/{side}")) for side in ("width", "height"))
    objects = tuple(_object(element, origin) for element in tree.findall("object"))
    # Some tools write a size of 0 x 0: that claims nothing.
    claimed = (int(size[0]), int(size[1])) if all(0 < side < math.inf for side in size) else None
    return Image(picture, name, objects, split, claimed)


def _object(element: ElementTree.Element, origin: float) -> Object:
    name = element.findtext("name")
    if not name or not name.strip():
        return Object("", source.NO_BOX, fault=Fault("unknown_class", "no <name>"))
    left, top, right, bottom = (
        source.number(element.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax")
    )
    flags = {flag: element.findtext(flag, "0").strip() == "1" for flag in ("difficult", "truncated")}
    return Object(name, (left - origin, top - origin, right, bottom), **flags)


def _with_lists(images: list[Image], lists: list[Path], root: Path) -> tuple[list[Image], list[Notice]]:
    """Images in the order of ImageSets/Main, with its splits; `trainval` stands for train where there is no train."""
    by_name = {file.stem: file for file in lists if file.suffix.lower() == ".txt"}
    if "train" not in by_name and "trainval" in by_name:
        by_name["train"] = by_name["trainval"]
    named: dict[str, Image] = {}
    for part in ("stem", "name"):
        for image in images:
            named.setdefault(getattr(image.file, part), image)
    listed, used = [], set()
    for split in (split for split in SPLITS if split in by_name):
        for entry in _entries(by_name[split], named):
            if image := named.get(entry):
                listed.append(image._replace(split=split))
                used.add(id(image))
            else:
                file = by_name[split].parents[2] / "JPEGImages" / (entry if is_image(Path(entry)) else f"{entry}.jpg")
                fault = Fault("missing", f"listed in {split}.txt")
                listed.append(Image(file, source.relative(file, root), fault=fault))
    if not listed:
        return images, [Notice("empty_image_sets", "ImageSets/Main lists no image: splits are not taken from it", 0)]
    return listed + [with_fault(i, "unlisted", "in no ImageSets/Main list") for i in images if id(i) not in used], []


def _entries(file: Path, named: Container[str]) -> list[str]:
    return [_entry(line.strip(), named) for line in source.text(file).splitlines() if line.strip()]


def _entry(line: str, named: Container[str]) -> str:
    """The name in a line, which may have folders before it, or a suffix. Per-class lists carry a 1, 0 or -1 behind it."""
    name = line.replace("\\", "/").rsplit("/", 1)[-1]
    plain = _FLAG.sub("", name)
    tries = (name, plain, Path(plain).stem if is_image(Path(plain)) else plain)
    return next((name for name in tries if name in named), plain)

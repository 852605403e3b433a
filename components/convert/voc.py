"""Reads Pascal VOC xml: with `ImageSets/Main` splits, or xml files beside their images (labelImg)."""

from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

from boxwright.convert import source
from boxwright.convert.source import Fault, Image, Notice, Object, Source
from boxwright.core.errors import UserError


def find(files: list[Path]) -> list[Path]:
    """The xml files that hold a VOC annotation."""
    return [file for file in files if file.suffix.lower() == ".xml" and _sniff(file)]


def _sniff(file: Path) -> bool:
    with file.open("rb") as opened:
        return b"<annotation" in opened.read(2048)


def read(root: Path, annotations: list[Path], files: list[Path]) -> Source:
    data = Source("voc", root)
    pictures = _pictures_by_stem(files)
    images = [_image(file, root, pictures) for file in annotations]
    lists = [file for file in files if file.parent.name == "Main" and file.parent.parent.name == "ImageSets"]
    if len(folders := {file.parent for file in lists}) > 1:
        names = ", ".join(sorted(source.relative(folder, root) for folder in folders))
        raise UserError(f"{root} holds several VOC sets ({names}); give --data the folder above one ImageSets")
    if lists:
        images, notices = _with_lists(images, lists, root)
        data.notices += notices
    data.images = source.without_duplicates(images)
    data.images += source.unlisted(root, files, data.images, "unlabelled", "no xml for this image")
    return data


def _pictures_by_stem(files: list[Path]) -> dict[str, list[Path]]:
    pictures = defaultdict(list)
    for file in filter(source.is_image, files):
        pictures[file.stem].append(file)
    return pictures


def _image(xml: Path, root: Path, pictures: dict[str, list[Path]]) -> Image:
    try:
        tree = ElementTree.parse(xml).getroot()
    except ElementTree.ParseError as error:
        path = _picture(xml, "", pictures)
        name = source.relative(path, root)
        return Image(path, name, split=source.split_of_folder(name), fault=Fault("unreadable_annotation", str(error)))
    path = _picture(xml, tree.findtext("filename") or "", pictures)
    name = source.relative(path, root)
    size = tuple(_number(tree.findtext(f"size/{side}")) for side in ("width", "height"))
    objects = tuple(map(_object, tree.findall("object")))
    # Some tools write a size of 0 x 0: that claims nothing.
    claimed = (int(size[0]), int(size[1])) if size[0] > 0 and size[1] > 0 else None
    return Image(path, name, objects, source.split_of_folder(name), claimed)


def _picture(xml: Path, filename: str, pictures: dict[str, list[Path]]) -> Path:
    """The xml's own name counts before the <filename> in it, which keeps the old name when files are renamed."""
    filename = filename.replace("\\", "/").rsplit("/", 1)[-1]
    same = pictures.get(xml.stem, []) or [p for p in pictures.get(Path(filename).stem, []) if p.name == filename]
    near = [p for p in same if p.parent == xml.parent] or [p for p in same if p.parent.parent == xml.parent.parent]
    if near or len(same) == 1:
        return (near or same)[0]
    return xml.with_name(filename or xml.stem)


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def _object(element: ElementTree.Element) -> Object:
    name = element.findtext("name")
    if not name or not name.strip():
        return Object("", source.NO_BOX, fault=Fault("unknown_class", "no <name>"))
    left, top, right, bottom = (
        _number(element.findtext(f"bndbox/{side}")) for side in ("xmin", "ymin", "xmax", "ymax")
    )
    flags = {flag: element.findtext(flag, "0").strip() == "1" for flag in ("difficult", "truncated")}
    return Object(name, (left, top, right, bottom), **flags)


def _with_lists(images: list[Image], lists: list[Path], root: Path) -> tuple[list[Image], list[Notice]]:
    """Images in the order of ImageSets/Main, with its splits; `trainval` stands for train where there is no train."""
    by_name = {file.stem: file for file in lists if file.suffix == ".txt"}
    if "train" not in by_name and "trainval" in by_name:
        by_name["train"] = by_name["trainval"]
    by_stem: dict[str, Image] = {}
    for image in images:
        by_stem.setdefault(Path(image.filename).stem, image)
    listed, seen = [], set()
    for split in ("train", "val", "test"):
        for stem in _stems(by_name.get(split)):
            image = by_stem.get(stem)
            seen.add(stem)
            if image is None:
                file = by_name[split].parents[2] / "JPEGImages" / f"{stem}.jpg"
                listed.append(
                    Image(file, source.relative(file, root), fault=Fault("missing", f"listed in {split}.txt"))
                )
            else:
                listed.append(Image(image.file, image.filename, image.objects, split, image.size, fault=image.fault))
    used = {id(by_stem[stem]) for stem in seen & set(by_stem)}
    rest = [source.with_fault(i, "unlisted", "in no ImageSets/Main list") for i in images if id(i) not in used]
    if not listed:
        return images, [Notice("empty_image_sets", "ImageSets/Main lists no image: splits are not taken from it", 0)]
    return listed + rest, []


def _stems(file: Path | None) -> list[str]:
    """First word of each line: per-class lists carry a 1 or -1 behind it."""
    lines = file.read_text(encoding="utf-8-sig").splitlines() if file else []
    return [line.split()[0] for line in lines if line.strip()]

# environment: data
"""Writes the pictures of `chaos` as data sets in each format, and returns their listings."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from chaos import CLASSES, SPLITS, Picture
from chaos_annotations import cvat_image, example, labelme_json, voc_xml, yolo_rows
from chaos_exports import labelstudio, openimages, via
from chaos_listing import Listing, in_lists, put, store

from boxwright.core.records import tfrecords as records


def coco(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    store(pictures, lambda p: root / "images" / p.name)
    lists, listings = in_lists(pictures)
    for split, listed in lists.items():
        images, annotations = [], []
        for number, p in enumerate(listed, 1):
            size = dict(zip(("width", "height"), p.claimed or (), strict=False))
            images.append({"id": number, "file_name": f"images/{p.name}"} | size)
            for thing in p.things:
                left, top, right, bottom = thing.box(*p.frame)
                category = 9 if thing.flaw == "unknown_class" else 1 + CLASSES.index(thing.name)
                box = [left, top, right - left, bottom - top]
                annotations.append({"image_id": number, "category_id": category, "bbox": box})
        categories = [{"id": i, "name": name} for i, name in enumerate(CLASSES, 1)]
        document = {"images": images, "annotations": annotations, "categories": categories}
        put(root / f"instances{f'_{split}' if split else ''}.json", json.dumps(document))
    return listings


def csv(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    """A picture without objects has no row."""
    listed = [p if p.things else replace(p, listed=False) for p in pictures]
    listed = [p if p.again != p.split else replace(p, again=None) for p in listed]
    store(pictures, lambda p: root / "images" / p.name)
    lists, listings = in_lists(listed)
    for split, found in lists.items():
        rows = ["filename,width,height,class,xmin,ymin,xmax,ymax"]
        for p in found:
            for thing in p.things:
                name = "" if thing.flaw == "unknown_class" else thing.name
                size = p.claimed or ("", "")
                rows.append(",".join(map(str, (f"images/{p.name}", *size, name, *thing.box(*p.frame)))))
        put(root / f"{f'{split}_' if split else ''}labels.csv", "\n".join(rows))
    return listings


def voc_folders(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    store(pictures, lambda p: root / (p.split or ".") / p.name)
    listings = []
    for p in pictures:
        folder = f"{p.split}/" if p.split else ""
        if p.listed:
            put(root / folder / f"{p.stem}.xml", voc_xml(p))
            listings.append(Listing(f"{folder}{p.name}", p, p.split, p.things))
        elif p.damage != "missing":
            listings.append(Listing(f"{folder}{p.name}", p, None, fault="unlabelled"))
    return listings


def voc(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    """Has ImageSets/Main, unless no picture has a split."""
    store(pictures, lambda p: root / "JPEGImages" / p.name)
    lists = defaultdict(list)
    listings = []
    with_lists = any(p.listed and p.split for p in pictures)
    for p in pictures:
        # A missing picture was expected beside the xml.
        filename = f"{'Annotations' if p.damage == 'missing' else 'JPEGImages'}/{p.name}"
        if not p.listed:
            listings += [Listing(filename, p, None, fault="unlabelled")] if p.damage != "missing" else []
            continue
        put(root / "Annotations" / f"{p.stem}.xml", voc_xml(p))
        places = sorted(filter(None, (p.split, p.split and p.again)), key=SPLITS.index)
        for split in places:
            lists[split].append(p.stem)
        fault = "unlisted" if with_lists and not places else ""
        listings.append(Listing(filename, p, places[0] if places else None, p.things, fault))
        listings += [Listing(filename, p, split, (), "duplicate_image") for split in places[1:]]
    for split, stems in lists.items():
        put(root / "ImageSets/Main" / f"{split}.txt", "\n".join(stems))
    return listings


def _labelled(root: Path, pictures: Sequence[Picture], place: Callable[[Picture], str]) -> None:
    store(pictures, lambda p: root / "images" / place(p) / p.name)
    for p in pictures:
        if p.listed:
            put(root / "labels" / place(p) / f"{p.stem}.txt", yolo_rows(p))


def _in_yolo(p: Picture, folder: str, split: str | None, fault: str = "") -> list[Listing]:
    """A label without its picture is listed under its own name if it has objects."""
    if p.damage == "missing":
        label = Listing(f"labels/{folder}{p.stem}.txt", p, None, p.things, "missing", upright=True)
        return [label] if p.listed and p.things else []
    things = p.things if p.listed and not fault else ()
    return [Listing(f"images/{folder}{p.name}", p, split, things, fault, upright=True)]


def yolo_folders(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    _labelled(root, pictures, lambda p: p.split or ".")
    put(root / "classes.txt", "\n".join(CLASSES))
    return [item for p in pictures for item in _in_yolo(p, f"{p.split}/" if p.split else "", p.split)]


def ultralytics(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    """A picture without split is in no list. If there are no splits at all, all pictures are train."""
    whole = not any(p.split == "train" and p.damage != "missing" for p in pictures)
    _labelled(root, pictures, lambda p: "." if whole or not p.split else p.split)
    splits = [] if whole else [s for s in SPLITS if any(p.split == s and p.damage != "missing" for p in pictures)]
    lines = ["train: images"] if whole else [f"{split}: images/{split}" for split in splits]
    put(root / "data.yaml", "\n".join([f"names: [{', '.join(CLASSES)}]", *lines]))
    if whole:
        return [item for p in pictures for item in _in_yolo(p, "", "train")]
    return [
        item
        for p in pictures
        for item in _in_yolo(p, f"{p.split}/" if p.split else "", p.split, "" if p.split else "unlisted")
    ]


def darknet(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    _labelled(root, pictures, lambda p: ".")
    lists = defaultdict(list)
    listings = []
    for p in pictures:
        if not p.split:
            listings += _in_yolo(p, "", None, "unlisted")
            continue
        things = p.things if p.listed else ()
        times = 2 if p.again else 1
        lists[p.split] += times * [f"images/{p.name}"]
        fault = "missing" if p.damage == "missing" else ""
        one = Listing(f"images/{p.name}", p, p.split, things, fault, upright=True)
        # The same label: its objects are those of the first line.
        again = things if fault else ()
        second = Listing(one.filename, p, p.split, again, fault or "duplicate_image", upright=True)
        listings += [one, second][:times]
    settings = [f"{'valid' if split == 'val' else split} = {split}.txt" for split in lists]
    put(root / "obj.data", "\n".join(["names = obj.names", *settings]))
    put(root / "obj.names", "\n".join(CLASSES))
    for split, names in lists.items():
        put(root / f"{split}.txt", "\n".join(names))
    return listings


def tfrecords(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    """Two examples with one name are two images."""
    shards = defaultdict(list)
    listings = []
    for p in pictures:
        things = p.things if p.listed else ()
        places = [p.split, p.again] if p.again else [p.split]
        fault = "missing" if p.damage == "missing" else ""
        for split in places:
            shards[split].append(p)
        for number, split in enumerate(sorted(places, key=lambda split: split or "all"), 1):
            name = f"{p.stem}~2.{p.name.rpartition('.')[2]}" if number > 1 else p.name
            listings.append(Listing(name, p, split, things, fault))
    for split, found in shards.items():
        examples = [records.framed(example(p).SerializeToString()) for p in found]
        put(root / f"{split or 'all'}.tfrecord", b"".join(part for parts in examples for part in parts))
    return listings


def cvat(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    store(pictures, lambda p: root / "images" / p.name)
    lists, listings = in_lists(pictures)
    for split, listed in lists.items():
        images = "".join(map(cvat_image, listed))
        put(root / f"annotations{f'_{split}' if split else ''}.xml", f"<annotations>{images}</annotations>")
    return listings


def labelme(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    """A box is two corners in any order."""
    store(pictures, lambda p: root / (p.split or ".") / p.name)
    listings = []
    for p in pictures:
        folder = f"{p.split}/" if p.split else ""
        if p.listed:
            put(root / folder / f"{p.stem}.json", labelme_json(p))
            things = tuple(replace(t, flaw="") if t.flaw == "inverted" else t for t in p.things)
            listings.append(Listing(f"{folder}{p.name}", p, p.split, things))
        elif p.damage != "missing":
            listings.append(Listing(f"{folder}{p.name}", p, None, fault="unlabelled"))
    return listings


FORMATS = {
    write.__name__: write
    for write in (
        coco,
        csv,
        cvat,
        labelme,
        labelstudio,
        openimages,
        via,
        voc,
        voc_folders,
        yolo_folders,
        ultralytics,
        darknet,
        tfrecords,
    )
}

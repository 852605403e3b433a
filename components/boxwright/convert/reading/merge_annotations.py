"""Merges the listings of one image file into one image."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from boxwright.convert import notices
from boxwright.convert.reading.files import Folder, relative_name
from boxwright.convert.reading.source import Fault, Image, Object
from boxwright.core import plurals
from boxwright.core.findings import Finding

# Listings of one file that a later listing is compared with. More than a few that differ are no parts of one annotation.
_MOST_LISTINGS = 16


def merge_listings(listings: Sequence[Sequence[Image]], kind: str) -> tuple[list[Image], list[Finding]]:
    """One image for each file that several annotation files list, as COCO's instances and person_keypoints do.

    The image has the objects of all listings; equal objects count once. Listings are merged if they agree on split, size and
    group. A listing without one of these agrees with any value: for example, an `all.json` beside a `train.json`. kind: what
    the notice calls the annotation files.
    """
    if len(listings) == 1:
        return list(listings[0]), []
    images: list[Image] = []
    places: dict[str, list[int]] = defaultdict(list)
    grown: dict[int, _Objects] = {}
    repeated = added = 0
    for listing in listings:
        earlier = len(images)
        for image in listing:
            candidates = places[image.filename][:_MOST_LISTINGS]
            same = (i for i in candidates if i < earlier and _agree(images[i], image))
            if image.fault is None and (first := next(same, None)) is not None:
                grown[first] = grown.get(first) or _Objects(images[first].objects)
                images[first] = _with_facts(images[first], image)
                repeated, added = repeated + 1, added + grown[first].add(image.objects)
            else:
                places[image.filename].append(len(images))
                images.append(image)
    for place, objects in grown.items():
        images[place] = images[place]._replace(objects=tuple(objects.items))
    return images, [_merged_notice(repeated, added, kind, len(images))] if repeated else []


class _Objects:
    """The objects of an image, to which those of other listings are added."""

    def __init__(self, items: Iterable[Object]):
        self.items = list(items)
        self._known = set(map(str, self.items))  # as text, because NaN is not equal to itself

    def add(self, items: Iterable[Object]) -> int:
        """Adds the objects that are not there yet. Returns their number."""
        new = [item for item in items if str(item) not in self._known]
        self.items += new
        self._known.update(map(str, new))
        return len(new)


def _merged_notice(repeated: int, added: int, kind: str, count: int) -> Finding:
    listed = f"{plurals.count(repeated, 'image', 'is')} listed in more than one {kind}"
    if not added:
        title = "Annotation files list the same images with the same objects"
        return notices.build(
            "listings_merged", title, f"{listed}: their objects are the same", count=repeated, of=count
        )
    return notices.build(
        "listings_differ", "Annotation files list the same images with different objects",
        f"{listed}: {plurals.count(added, 'object', 'was')} added that only a later file has", count=repeated, of=count,
        severity="medium",
        remedy="Check both files. If one of them is out of date, move it out of the data.",
    )  # fmt: skip


def _agree(one: Image, other: Image) -> bool:
    """Whether split, size and group are equal, or missing in one of the two."""
    pairs = ((one.split, other.split), (one.size, other.size), (one.group, other.group))
    return one.fault is None and all(a == b or a is None or b is None for a, b in pairs)


def _with_facts(one: Image, other: Image) -> Image:
    """The image with what only the other listing says about it."""
    return one._replace(split=one.split or other.split, size=one.size or other.size, group=one.group or other.group)


def mark_duplicates(images: Sequence[Image]) -> list[Image]:
    """Marks all listings of a file but one as `duplicate_image`. The first listing with a split is kept, else the first."""
    kept: dict[str, Image] = {}
    for image in images:
        if image.fault is None and kept.setdefault(image.filename, image).split is None and image.split:
            kept[image.filename] = image
    return [_marked(image, kept.get(image.filename, image)) for image in images]


def _marked(image: Image, kept: Image) -> Image:
    if image is kept or image.fault:
        return image
    # One annotation that is listed again has its objects in the kept image: they would be rejected once for each line of a list.
    listed = image._replace(objects=()) if image.objects is kept.objects else image
    return listed.with_fault("duplicate_image", f"also listed in {kept.split or 'data'}")


def unlisted_images(folder: Folder, images: Iterable[Image], reason: str, value: str) -> list[Image]:
    """The image files that no annotation mentions, each with a fault."""
    known = {image.filename for image in images}
    names = ((file, relative_name(file, folder.root)) for file in folder.image_files)
    return [Image(file, name, fault=Fault(reason, value)) for file, name in names if name not in known]

"""Merges the annotations of one image file into one image."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter

from boxwright.convert import notices
from boxwright.convert.reading.files import Folder, relative_name
from boxwright.convert.reading.source import Fault, Image, Object
from boxwright.core import plurals
from boxwright.core.findings import Finding

# Listings of one file that a later listing is compared with. More than a few that differ are no parts of one annotation.
_MOST_LISTINGS = 16
# Two annotators' boxes of one object have an IoU above this; two objects side by side seldom have.
_SAME_IOU = 0.7
# Pairs of boxes of one image that are compared, in all its annotations: 100 with 100.
_MOST_PAIRS = 10_000


def merge_listings(
    listings: Sequence[Sequence[Image]], kind: str, key: Callable[[Image], str] = attrgetter("filename")
) -> tuple[list[Image], list[Finding]]:
    """One image for each file that is annotated more than once, as in COCO's instances and person_keypoints.

    The image has the objects of all annotations; equal objects count once. They are merged if they agree on split, size and
    group. One without a value agrees with any: for example, an `all.json` beside a `train.json`. listings: the images of each
    annotation file. kind: what the notice calls such a file. key: what tells image files apart.
    """
    every = list(chain.from_iterable(listings))
    if len(set(map(key, every))) == len(every):
        return every, []
    images: list[Image] = []
    places: dict[str, list[int]] = defaultdict(list)
    grown: dict[int, _Objects] = {}
    repeated = added = 0
    for image in every:
        same = (i for i in places[key(image)][:_MOST_LISTINGS] if _agree(images[i], image))
        if image.fault is None and (first := next(same, None)) is not None:
            grown[first] = grown.get(first) or _Objects(images[first].objects)
            images[first] = _with_facts(images[first], image)
            repeated, added = repeated + 1, added + grown[first].add(image.objects)
        else:
            places[key(image)].append(len(images))
            images.append(image)
    for place, objects in grown.items():
        images[place] = images[place]._replace(objects=tuple(objects.items))
    twice = sum(objects.twice for objects in grown.values())
    return images, [_merged_notice(repeated, added, twice, kind, len(images))] if repeated else []


class _Objects:
    """The objects of an image, to which those of other listings are added."""

    def __init__(self, items: Iterable[Object]):
        self.items = list(items)
        self._known = set(map(str, self.items))  # as text, because NaN is not equal to itself
        self.twice = 0
        self._pairs = 0

    def add(self, items: Iterable[Object]) -> int:
        """Adds the objects that are not there yet. Returns their number."""
        new = [item for item in items if str(item) not in self._known]
        self._pairs += len(new) * len(self.items)
        if self._pairs <= _MOST_PAIRS:
            self.twice += sum(any(_is_same(one, item) for one in self.items) for item in new)
        self.items += new
        self._known.update(map(str, new))
        return len(new)


def _is_same(one: Object, other: Object) -> bool:
    """Whether two boxes are almost certainly of one object: of one class, with an IoU of `_SAME_IOU` or more."""
    (l1, t1, r1, b1), (l2, t2, r2, b2) = one.box_xyxy, other.box_xyxy
    both = max(0.0, min(r1, r2) - max(l1, l2)) * max(0.0, min(b1, b2) - max(t1, t2))
    return one.name == other.name and 0 < both >= _SAME_IOU * ((r1 - l1) * (b1 - t1) + (r2 - l2) * (b2 - t2) - both)


def _merged_notice(repeated: int, added: int, twice: int, kind: str, count: int) -> Finding:
    """twice: how many of the added objects lie on one of the same class."""
    listed = f"{plurals.count(repeated, 'image', 'is')} annotated more than once ({kind})"
    if not added:
        title = "Images are annotated more than once, with the same objects"
        return notices.build(
            "listings_merged", title, f"{listed}: their objects are the same", count=repeated, of=count
        )
    return notices.build(
        "listings_differ", "Images are annotated more than once, with different objects",
        f"{listed}: {plurals.count(added, 'object', 'was')} added that only a later one has{_twice(twice)}",
        count=repeated, of=count, severity="high" if twice else "medium",
        remedy="Check both annotations. If one of them is out of date, move it out of the data.",
    )  # fmt: skip


def _twice(count: int) -> str:
    verb = "lies" if count == 1 else "lie"
    return f"; {count} of them {verb} on an object of the same class, as if it was drawn twice" if count else ""


def _agree(one: Image, other: Image) -> bool:
    """Whether split, size and group are equal, or missing in one of the two."""
    pairs = ((one.split, other.split), (one.size, other.size), (one.group, other.group))
    return (
        one.fault is None
        and one.fractions == other.fractions
        and all(a == b or a is None or b is None for a, b in pairs)
    )


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
    if image.split in (None, kept.split) and image.size and kept.size and image.size != kept.size:
        sizes = ["{}x{}".format(*size) for size in (image.size, kept.size)]
        return listed.with_fault("duplicate_image", f"annotated {sizes[0]}, and {sizes[1]} in another annotation of it")
    return listed.with_fault("duplicate_image", f"also listed in {kept.split or 'data'}")


def unlisted_images(folder: Folder, images: Iterable[Image], reason: str, value: str) -> list[Image]:
    """The image files that no annotation mentions, each with a fault, and with the split that its folder stands for."""
    known = {image.filename for image in images}
    names = ((file, relative_name(file, folder.root)) for file in folder.image_files)
    return [
        Image(file, name, split=folder.splits.of(name), fault=Fault(reason, value))
        for file, name in names
        if name not in known
    ]

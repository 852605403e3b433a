"""The places that list a picture, as one image of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from boxwright.convert.formats.source import Fault, Folder, Image, Notice, relative, with_fault


def merged(listings: Sequence[Sequence[Image]], kind: str) -> tuple[list[Image], list[Notice]]:
    """One image for each picture that several files list, as COCO's instances and person_keypoints do, with the objects of all
    of them; equal objects count once. A listing without split, size or group agrees with any: an `all.json` beside `train.json`.
    kind: of the files, for the notice."""
    if len(listings) == 1:
        return list(listings[0]), []
    images: list[Image] = []
    places: dict[str, list[int]] = defaultdict(list)
    repeated = added = 0
    for listing in listings:
        earlier = len(images)
        for image in listing:
            same = (i for i in places[image.filename] if i < earlier and _agree(images[i], image))
            if image.fault is None and (first := next(same, None)) is not None:
                images[first], new = _both(images[first], image)
                repeated, added = repeated + 1, added + new
            else:
                places[image.filename].append(len(images))
                images.append(image)
    if not repeated:
        return images, []
    what = f"{added} objects that only a later one has were added" if added else "their objects are the same"
    code = "listings_differ" if added else "listings_merged"
    return images, [Notice(code, f"{repeated} images stand in more than one {kind}: {what}", repeated)]


def _agree(one: Image, other: Image) -> bool:
    """Whether they say the same of the picture, or one of them says nothing."""
    pairs = ((one.split, other.split), (one.size, other.size), (one.group, other.group))
    return one.fault is None and all(a == b or a is None or b is None for a, b in pairs)


def _both(one: Image, other: Image) -> tuple[Image, int]:
    """The image with the objects of both, and how many only the other has."""
    known = set(map(str, one.objects))  # as text, in which what is no number is equal to itself
    new = tuple(item for item in other.objects if str(item) not in known)
    either = {"split": one.split or other.split, "size": one.size or other.size, "group": one.group or other.group}
    return one._replace(objects=one.objects + new, **either), len(new)


def without_duplicates(images: Sequence[Image]) -> list[Image]:
    """Marks every listing of a file but one as `duplicate_image`: the first that has a split counts, else the first."""
    counts: dict[str, Image] = {}
    for image in images:
        if image.fault is None and counts.setdefault(image.filename, image).split is None and image.split:
            counts[image.filename] = image
    return [_marked(image, counts.get(image.filename, image)) for image in images]


def _marked(image: Image, counts: Image) -> Image:
    if image is counts or image.fault:
        return image
    return with_fault(image, "duplicate_image", f"also listed in {counts.split or 'data'}")


def unlisted(folder: Folder, images: Iterable[Image], reason: str, value: str) -> list[Image]:
    """The picture files that no annotation mentions, each as an image with a fault."""
    known = {image.filename for image in images}
    names = ((file, relative(file, folder.root)) for file in folder.pictures)
    return [Image(file, name, fault=Fault(reason, value)) for file, name in names if name not in known]

# environment: data
"""Where the pictures of `chaos` lie in a data set, and which place lists each of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos import Picture, Thing


@dataclass(frozen=True)
class Listing:
    """A place that lists a picture. filename: its name in the output. fault: why the listing does not count.

    upright: the format claims no size.
    """

    filename: str
    picture: Picture
    split: str | None
    things: tuple[Thing, ...] = ()
    fault: str = ""
    upright: bool = False

    @property
    def frame(self) -> tuple[int, int]:
        return self.picture.size if self.upright else self.picture.frame

    @property
    def claimed(self) -> tuple[int, int] | None:
        return None if self.upright else self.picture.claimed


def put(file: Path, content: bytes | str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)


def store(pictures: Iterable[Picture], place: Callable[[Picture], Path]) -> None:
    for picture in pictures:
        if picture.damage != "missing":
            put(place(picture), picture.content())


def in_lists(pictures: Sequence[Picture], unlisted: str = "unlisted") -> tuple[dict, list[Listing]]:
    """The pictures of each list (of a split, or of none), and their listings.

    A second listing in another split does not count. One without split is merged with that of a split.
    """
    lists = defaultdict(list)
    listings = []
    for p in pictures:
        filename = f"images/{p.name}"
        if not p.listed:
            listings += [Listing(filename, p, None, fault=unlisted)] if p.damage != "missing" else []
            continue
        places = [p.split, p.again] if p.again else [p.split]
        for split in places:
            lists[split].append(p)
        # Files are read in the order of their names. The one without split comes first.
        first, *more = sorted(places, key=lambda split: split or "")
        if more and first is None:
            first, more = more[0], []
        listings.append(Listing(filename, p, first, p.things))
        listings += [Listing(filename, p, split, p.things, "duplicate_image") for split in more]
    return lists, listings

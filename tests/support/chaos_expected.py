# environment: data
"""What convert should make of the listings of `chaos_formats`, by rules that are written a second time."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chaos import FLAWS
from chaos_listing import Listing

SOURCE = re.compile("s([0-9])_")


@dataclass
class Kept:
    """An image that is kept unless its pixels are damaged. objects: index -> (class, box in 0..1 as yxyx, clipped)."""

    listing: Listing
    objects: dict[int, tuple[str, tuple[float, ...], bool]]
    rejected: list[tuple[int, str]]

    @property
    def late(self) -> bool:
        return self.listing.picture.damage == "truncated"


@dataclass
class Expected:
    """The expected result. lost: (file, object, reason). splits: `a|b` if either is allowed. opened: images whose split is made.

    outside: how many are outside of the data's splits. classes: those in use, also in images that turn out to be damaged.
    """

    kept: list[Kept] = field(default_factory=list)
    lost: Counter = field(default_factory=Counter)
    splits: dict[str, str] = field(default_factory=dict)
    opened: list[Kept] = field(default_factory=list)
    outside: int = 0
    classes: set[str] = field(default_factory=set)
    errors: set[str] = field(default_factory=set)

    def reject(self, kept: Kept, reason: str) -> None:
        reject_all(self.lost, kept.listing.filename, kept.objects, reason)


def reject_all(lost: Counter, name: str, objects: Iterable[int], reason: str) -> None:
    lost[name, None, reason] += 1
    lost.update((name, index, "image_rejected") for index in objects)


def fault_of(listing: Listing, most: int) -> str:
    """The first fault in the order of the checks: the listing, the number of objects, the file, its size."""
    picture = listing.picture
    if listing.fault:
        return listing.fault
    if most and len(listing.things) > most:
        return "too_many_objects"
    if picture.damage in ("missing", "text", "empty"):
        return "missing" if picture.damage == "missing" else "undecodable"
    return "size_mismatch" if listing.claimed and picture.claims == "wrong" else ""


def judged(listing: Listing, fix: str) -> Kept:
    width, height = listing.frame
    found, rejected = {}, []
    for index, thing in enumerate(listing.things):
        left, top, right, bottom = thing.box(width, height)
        box = (top / height, max(left, 0) / width, bottom / height, min(right, width) / width)
        if thing.flaw in FLAWS:
            rejected.append((index, thing.flaw))
        elif thing.flaw == "over" and fix != "clip":
            rejected.append((index, "partly_outside"))
        elif (thing.name, box) in [one[:2] for one in found.values()]:
            rejected.append((index, "duplicate_object"))
        else:
            found[index] = thing.name, box, thing.flaw == "over"
    return Kept(listing, found, rejected)


def expected(listings: Sequence[Listing], flags: dict, given_map: Sequence[str] | None) -> Expected:
    out = Expected()
    for listing in listings:
        if fault := fault_of(listing, flags["max_objects"]):
            reject_all(out.lost, listing.filename, range(len(listing.things)), fault)
            if (fault, flags["missing"]) == ("missing", "fail") and listing.things:
                out.errors.add("missing")
            continue
        kept = judged(listing, flags["fix"])
        out.lost.update((listing.filename, index, reason) for index, reason in kept.rejected)
        if flags["fix"] == "fail" and any(reason == "partly_outside" for _, reason in kept.rejected):
            out.errors.add("partly outside")
        if listing.things and not kept.objects:
            out.lost[listing.filename, None, "objects_rejected"] += 1
        else:
            out.kept.append(kept)
    out.classes = {name for kept in out.kept for name, _, _ in kept.objects.values()}
    if not out.classes:
        out.errors.add("no usable object")
    elif given_map and out.classes - set(given_map):
        out.errors.add("label map")
    elif flags["group"] and not any(SOURCE.search(kept.listing.filename) for kept in out.kept):
        out.errors.add("group")
    elif not out.errors:
        shared_out(out, flags["pixels"])
    return out


def settled(kept: Sequence[Kept]) -> list[str]:
    given = [k.listing.split for k in kept]
    if not {"val", "test"} & set(given):
        return [split or "" for split in given]
    return [split or ("train" if k.objects else "left") for split, k in zip(given, kept, strict=True)]


def opened(kept: Sequence[Kept]) -> list[Kept]:
    splits = settled(kept)
    if "train" not in splits or not {"val", "test"} & set(splits):
        return list(kept)
    return [] if "val" in splits else [k for k, split in zip(kept, splits, strict=True) if split == "train"]


def shared_out(out: Expected, pixels: str) -> None:
    """Damage is found before splits are made if pixels are decoded for them. Otherwise it is found when the image is stored."""
    if pixels == "decode":
        looked_at = [id(k) for k in opened(out.kept)]
        for k in [k for k in out.kept if k.late and id(k) in looked_at]:
            out.reject(k, "truncated")
            out.kept.remove(k)
    out.opened = opened(out.kept)
    whole = len(out.opened) == len(out.kept)
    for k, split in zip(list(out.kept), settled(out.kept), strict=True):
        if whole:
            split = "train|val|test"
        elif any(k is one for one in out.opened):
            split = "train|val"
        out.splits[k.listing.filename] = split
        out.outside += k.listing.split is None and split != "train|val|test"
        if split == "left" or k.late:
            out.reject(k, "unsplit" if split == "left" else "truncated")
            out.kept.remove(k)
    if not any(k.objects for k in out.kept):
        out.errors.add("decoded")

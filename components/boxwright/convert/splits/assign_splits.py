"""Gives every planned image its split: the data's own, or one that is made, where images that belong together stay together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from boxwright.convert.plan import prescan
from boxwright.convert.plan.example_plan import Plan, PlannedImage
from boxwright.convert.reading.source import Notice, Reject
from boxwright.convert.splits import grouping, linked_images, stratify
from boxwright.convert.splits.linked_images import Bond
from boxwright.convert.splits.stratify import Assignment
from boxwright.convert.writing.pixels import Pixels
from boxwright.core.records.tfrecords import SPLITS


def share_out(
    planned: Plan, *, data: str, fractions: Mapping[str, float], seed: int, group: str, how: Pixels, processes: int
) -> Plan:
    """The plan with a split and a number for each image.

    data: as the user has it; group: what names an image's source, as in `grouping`. Only where splits have to be made are
    pixels looked at, in so many processes, and not with `how="trust"`. Raises UserError for a pattern that is wrong, and when
    no image with objects can be decoded.
    """
    names = [image.filename for image in planned.images]
    source_of = dict(zip(names, grouping.sources(names, [image.group for image in planned.images], group), strict=True))
    if how == "decode":
        planned = prescan.looked_at(planned, data, processes)
    sources = [source_of[image.filename] for image in planned.images]
    given = [image.split or None for image in planned.images]
    classes = [frozenset(o.name for o in image.objects) for image in planned.images]
    rows = stratify.open_rows(given, classes)
    firm, near = _bonds([planned.images[row] for row in rows], [sources[row] for row in rows])

    def assign(*bonds: Bond) -> Assignment:
        done = stratify.assign(given, classes, fractions, seed, linked_images.groups(len(rows), bonds))
        return replace(done, notices=done.notices + [bond.notice(len(rows)) for bond in bonds if len(bond.links)])

    done = assign(*firm, near)
    if len(near.links) and not set(SPLITS) <= set(done.splits):
        done = _fuller(done, assign(*firm), near)
    kept, left_out = _with_splits(planned.images, done.splits)
    told = done.notices + _of_trust(how, rows) + (_of_sources(sources, done.splits) if group else [])
    return replace(
        planned,
        images=kept,
        rejects=planned.rejects + left_out,
        notices=planned.notices + told,
        split_by=done.split_by,
    )


def _bonds(images: Sequence[PlannedImage], sources: Sequence[str | None]) -> tuple[list[Bond], Bond]:
    files = [image.file for image in images]
    hashes = [image.seen.dhash if image.seen else None for image in images]
    firm = [
        linked_images.equal_files(files, [image.header.hint for image in images]),
        linked_images.versions(files),
        linked_images.one_source(sources),
    ]
    return firm, linked_images.near_copies(hashes)


def _fuller(together: Assignment, apart: Assignment, near: Bond) -> Assignment:
    """Near-copies kept together, unless a split stays empty by that: frames of one fixed view are all alike."""
    if len(set(apart.splits)) <= len(set(together.splits)):
        return together
    text = (
        "so many images look alike that a split would be left empty if they stayed together: they were shared out as if they "
        "did not, and AP may be partly remembered. Are they frames of one fixed view? Name what belongs together with "
        "--group, or give splits of your own"
    )
    return replace(apart, notices=[*apart.notices, Notice("near_copies_apart", text, near.images)])


def _of_trust(how: Pixels, rows: Sequence[int]) -> list[Notice]:
    text = "--pixels trust: splits were made without a look for near-copies (re-encoded, resized, mirrored)"
    return [Notice("near_copies_unknown", text, len(rows))] if how == "trust" and rows else []


def _of_sources(sources: Sequence[str | None], assigned: Sequence[str | None]) -> list[Notice]:
    """What `--group` could not do."""
    alone = sources.count(None)
    found: dict[str, set[str]] = defaultdict(set)
    for source, split in zip(sources, assigned, strict=True):
        if source and split:
            found[source].add(split)
    torn = [f"{source} in {' and '.join(sorted(of))}" for source, of in sorted(found.items()) if len(of) > 1]
    first = ", ".join(torn[:3]) + (", ..." if len(torn) > 3 else "")
    possible = (
        ("no_source", alone, f"{alone} of {len(sources)} images have no source by --group: each stands alone"),
        ("sources_apart", len(torn), f"the data's own splits tear {len(torn)} sources of --group apart: {first}"),
    )
    return [Notice(code, text, value) for code, value, text in possible if value]


def _with_splits(
    images: Sequence[PlannedImage], assigned: Sequence[str | None]
) -> tuple[list[PlannedImage], list[Reject]]:
    """Numbers the images from 1; those that belong to no split become rejects (they have no objects)."""
    pairs = list(zip(images, assigned, strict=True))
    value = "no usable objects, and in none of the data's splits"
    rejects = [Reject(i.filename, None, "unsplit", value) for i, split in pairs if split is None]
    kept = ((image, split) for image, split in pairs if split)
    return [image._replace(split=split, image_id=n) for n, (image, split) in enumerate(kept, 1)], rejects

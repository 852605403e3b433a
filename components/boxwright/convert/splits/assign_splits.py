"""Gives every planned image its split. Made splits keep related images together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from boxwright.convert import notices
from boxwright.convert.plan.example_plan import Plan, PlannedImage
from boxwright.convert.plan.prescan import prescan
from boxwright.convert.reading.source import Reject
from boxwright.convert.splits import grouping, linked_images, stratify
from boxwright.convert.splits.linked_images import Link
from boxwright.convert.splits.stratify import Assignment
from boxwright.convert.writing.pixels import Pixels
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.records.tfrecords import SPLITS


def assign_splits(
    planned: Plan, *, data: str, fractions: Mapping[str, float], seed: int, group: str, how: Pixels, processes: int
) -> Plan:
    """The plan with a split and an id for each image.

    data: as the user gave it. group: names an image's source, as in `grouping`. Pixels are decoded only if splits have to be
    made and `how` is "decode". Raises UserError for an invalid pattern, and when no image with objects can be decoded.
    """
    names = [image.filename for image in planned.images]
    source_of = dict(zip(names, grouping.sources(names, [image.group for image in planned.images], group), strict=True))
    if how == "decode":
        planned = prescan(planned, data, processes)
    sources = [source_of[image.filename] for image in planned.images]
    done = _assign(planned, sources, fractions, seed)
    opened = stratify.open_rows(_given(planned), _classes(planned))
    kept, left_out = _with_splits(planned.images, done.splits)
    added = done.notices + _trust_notices(how, len(opened)) + (_source_notices(sources, done.splits) if group else [])
    return replace(
        planned,
        images=kept,
        rejects=planned.rejects + left_out,
        notices=planned.notices + added,
        split_by=done.split_by,
    )


def _given(planned: Plan) -> list[str | None]:
    return [image.split or None for image in planned.images]


def _classes(planned: Plan) -> list[frozenset[str]]:
    return [frozenset(item.name for item in image.objects) for image in planned.images]


def _assign(planned: Plan, sources: Sequence[str | None], fractions: Mapping[str, float], seed: int) -> Assignment:
    """Keeps near-copies together, unless a split would stay empty."""
    given, classes = _given(planned), _classes(planned)
    rows = stratify.open_rows(given, classes)
    firm, near = _links([planned.images[row] for row in rows], [sources[row] for row in rows])

    def assign(*links: Link) -> Assignment:
        done = stratify.assign(given, classes, fractions, seed, linked_images.groups(len(rows), links))
        return replace(done, notices=done.notices + [link.notice(len(rows)) for link in links if len(link.pairs)])

    done = assign(*firm, near)
    if len(near.pairs) and not set(SPLITS) <= set(done.splits):
        return _fuller(done, assign(*firm), near, len(rows))
    return done


def _links(images: Sequence[PlannedImage], sources: Sequence[str | None]) -> tuple[list[Link], Link]:
    """The links that are always kept, and the link of near-copies."""
    files = [image.file for image in images]
    hashes = [image.seen.dhash if image.seen else None for image in images]
    firm = [
        linked_images.equal_files(files, [image.header.hint for image in images]),
        linked_images.roboflow_versions(files),
        linked_images.one_source(sources),
    ]
    return firm, linked_images.near_copies(hashes)


def _fuller(together: Assignment, apart: Assignment, near: Link, count: int) -> Assignment:
    """`apart` if it fills more splits than `together`, else `together`. Frames of one fixed view are all near-copies."""
    if len(set(apart.splits)) <= len(set(together.splits)):
        return together
    notice = notices.build(
        "near_copies_apart", "Near-copies are in different splits",
        "so many images look alike that a split would be empty if they stayed together. They were distributed over the splits, "
        "so AP may be partly memorised. They may be frames of one fixed view",
        count=near.images, of=count, severity="medium", cause="split",
        remedy="Name the source of each image with --group, or give splits of your own.",
    )  # fmt: skip
    return replace(apart, notices=[*apart.notices, notice])


def _trust_notices(how: Pixels, opened: int) -> list[Finding]:
    if how != "trust" or not opened:
        return []
    claim = "--pixels trust: splits were made without looking for near-copies (re-encoded, resized, mirrored)"
    return [
        notices.build(
            "near_copies_unknown", "Near-copies may be in different splits", claim, count=opened, of=opened, cause="split",
            remedy="Re-run with --pixels decode to keep near-copies in one split.",
        )
    ]  # fmt: skip


def _source_notices(sources: Sequence[str | None], assigned: Sequence[str | None]) -> list[Finding]:
    """Notices about images without a source, and about sources that the data's own splits separate."""
    alone, count = sources.count(None), len(sources)
    found: dict[str, set[str]] = defaultdict(set)
    for source, split in zip(sources, assigned, strict=True):
        if source and split:
            found[source].add(split)
    torn = tuple(f"{source} in {' and '.join(sorted(of))}" for source, of in sorted(found.items()) if len(of) > 1)
    return ([_no_source(alone, count)] if alone else []) + ([_sources_apart(torn, len(found))] if torn else [])


def _no_source(alone: int, count: int) -> Finding:
    return notices.build(
        "no_source", "Some images belong to none of the groups that you named",
        f"--group finds no source for {alone} of {plurals.count(count, 'image')}: each of them counts as its own source",
        count=alone, of=count, cause="split",
    )  # fmt: skip


def _sources_apart(torn: tuple[str, ...], count: int) -> Finding:
    first = ", ".join(torn[:3]) + (", ..." if len(torn) > 3 else "")
    return notices.build(
        "sources_apart", "Images of one source are in different splits of the data",
        f"the data's own splits separate {plurals.count(len(torn), 'source')} of --group: {first}",
        count=len(torn), of=count, what="sources", items=torn, cause="split",
        remedy="Move all images of a source into one split, or remove the data's splits: convert then makes them.",
    )  # fmt: skip


def _with_splits(
    images: Sequence[PlannedImage], assigned: Sequence[str | None]
) -> tuple[list[PlannedImage], list[Reject]]:
    """Numbers the images from 1. Those that belong to no split become rejects; they have no objects."""
    pairs = list(zip(images, assigned, strict=True))
    value = "no usable objects, and in none of the data's splits"
    rejects = [Reject(i.filename, None, "unsplit", value) for i, split in pairs if split is None]
    kept = ((image, split) for image, split in pairs if split)
    return [image._replace(split=split, image_id=n) for n, (image, split) in enumerate(kept, 1)], rejects

# environment: data
"""Writes the pictures of `chaos` as exports of VIA, Label Studio and Open Images, and returns their listings."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chaos import Picture
from chaos_annotations import labelstudio_task, openimages_rows, via_entry
from chaos_listing import Listing, in_lists, put, store


def via(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    """VIA claims no size."""
    store(pictures, lambda p: root / "images" / p.name)
    lists, listings = in_lists(pictures)
    for split, listed in lists.items():
        entries = {f"{p.name}-{number}": via_entry(p) for number, p in enumerate(listed)}
        put(root / f"via{f'_{split}' if split else ''}.json", json.dumps(entries))
    return [replace(one, upright=True) for one in listings]


def labelstudio(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    """A task without regions claims no size."""
    store(pictures, lambda p: root / "images" / p.name)
    lists, listings = in_lists(pictures)
    for split, listed in lists.items():
        tasks = [labelstudio_task(p, number) for number, p in enumerate(listed)]
        put(root / f"{split or 'project'}.json", json.dumps(tasks))
    return [replace(one, upright=not one.things) for one in listings]


def openimages(root: Path, pictures: Sequence[Picture]) -> list[Listing]:
    """A picture without objects has no row. Open Images claims no size, and a missing picture has the name of its id."""
    listed = [p if p.things else replace(p, listed=False) for p in pictures]
    listed = [p if p.again != p.split else replace(p, again=None) for p in listed]
    if any(map(_is_part, in_lists(listed)[0].values())):
        listed = [replace(p, listed=False) if p.damage == "missing" else p for p in listed]
    store(pictures, lambda p: root / "images" / p.name)
    lists, listings = in_lists(listed)
    titles = (
        "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
    )
    for split, found in lists.items():
        rows = [row for p in found for row in openimages_rows(p)]
        put(root / f"{f'{split}-' if split else ''}annotations-bbox.csv", "\n".join([titles, *rows]))
    ids = [
        replace(one, filename=f"{one.picture.stem}.jpg") if one.picture.damage == "missing" else one for one in listings
    ]
    return [replace(one, upright=True) for one in ids]


def _is_part(listed: Sequence[Picture]) -> bool:
    """Most pictures of a list are missing: then convert leaves them out."""
    return 2 * sum(p.damage != "missing" for p in listed) < len(listed)

"""Prints what was converted."""

from rich.table import Table

from boxwright.core import plurals
from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime import console as terminal


def show(stored: Dataset) -> None:
    """A table of the splits, the notices, and how much was quarantined."""
    console = terminal.console()
    console.print(_splits_table(stored))
    for notice in stored.notices:
        console.print(f"  note: {notice.claim}", soft_wrap=True)
    for what, reasons in (("image", stored.quarantined.images), ("object", stored.quarantined.objects)):
        for reason, count in reasons.items():
            console.print(f"  quarantined: {plurals.count(count, what)}: {reason}")


def _splits_table(stored: Dataset) -> Table:
    table = Table(title=f"{stored.format}, split: {stored.split_by}", title_justify="left")
    table.add_column("")
    for split in SPLITS:
        table.add_column(split, justify="right")
    splits = [stored.splits[split] for split in SPLITS]
    table.add_row("images", *(str(s.images) for s in splits))
    table.add_row("objects", *(str(s.objects) for s in splits), end_section=True)
    for name in stored.class_names:
        table.add_row(name, *(str(s.per_class[name]) for s in splits))
    return table


def headline(stored: Dataset) -> str:
    """One line: what is stored, what is quarantined, and the digest."""
    splits = stored.splits.values()
    images, objects = sum(s.images for s in splits), sum(s.objects for s in splits)
    lost_images, lost_objects = sum(stored.quarantined.images.values()), sum(stored.quarantined.objects.values())
    return (
        f"convert: {plurals.count(images, 'image')} and {plurals.count(objects, 'object')} of "
        f"{plurals.count(len(stored.classes), 'class')} stored, {plurals.count(lost_images, 'image')} and "
        f"{plurals.count(lost_objects, 'object')} quarantined, digest {stored.digest}"
    )

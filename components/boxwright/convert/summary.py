"""What a person sees at the end."""

from rich.table import Table

from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime import console as terminal


def show(manifest: dict) -> None:
    console = terminal.plain_console()
    console.print(_splits_table(manifest))
    for notice in manifest["notices"]:
        console.print(f"  note: {notice['text']}", soft_wrap=True)
    for what, reasons in manifest["quarantined"].items():
        for reason, count in reasons.items():
            console.print(f"  quarantined: {count} {what if count > 1 else what[:-1]}: {reason}")


def _splits_table(manifest: dict) -> Table:
    table = Table(title=f"{manifest['format']}, split: {manifest['split_by']}", title_justify="left")
    table.add_column("")
    for split in SPLITS:
        table.add_column(split, justify="right")
    splits = [manifest["splits"][split] for split in SPLITS]
    table.add_row("images", *(str(s["images"]) for s in splits))
    table.add_row("objects", *(str(s["objects"]) for s in splits), end_section=True)
    for entry in manifest["classes"]:
        table.add_row(entry["name"], *(str(s["per_class"][entry["name"]]) for s in splits))
    return table


def headline(manifest: dict) -> str:
    images, objects = (sum(s[what] for s in manifest["splits"].values()) for what in ("images", "objects"))
    lost = [sum(manifest["quarantined"][what].values()) for what in ("images", "objects")]
    return (
        f"convert: {images} images and {objects} objects of {len(manifest['classes'])} classes stored, "
        f"{lost[0]} images and {lost[1]} objects quarantined, digest {manifest['digest']}"
    )

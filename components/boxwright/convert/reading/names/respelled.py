"""The notice about images that were found under another name than in their annotation."""

from collections.abc import Iterable
from pathlib import Path

from boxwright.convert import notices
from boxwright.convert.reading.files import printable_name, relative_name
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.secrets import without_secrets

_EXAMPLES = 3
_LONGEST = 200


def notice(found: Iterable[tuple[str, Path]], root: Path, of: int) -> list[Finding]:
    """One notice for all images; none if there are no such images. found: names with their files. of: the images in all."""
    names: dict[Path, str] = {}
    for name, file in found:
        names.setdefault(file, name)
    if not names:
        return []
    pairs = [
        f"{printable_name(without_secrets(name[:_LONGEST]))} -> {relative_name(file, root)[:_LONGEST]}"
        for file, name in names.items()
    ]
    examples = ", ".join(pairs[:_EXAMPLES]) + (", ..." if len(pairs) > _EXAMPLES else "")
    return [
        notices.build(
            "other_spelling", "Images have other names than in the annotations",
            f"{plurals.count(len(pairs), 'image', 'was')} found under another spelling or in another folder than the annotation "
            f"names, each the only file that fits: {examples}",
            count=len(pairs), of=max(of, len(pairs)), severity="low", items=tuple(pairs),
            remedy="Look at the pairs. If one is wrong, correct the name in the annotation, or move that file out of the data.",
        )
    ]  # fmt: skip

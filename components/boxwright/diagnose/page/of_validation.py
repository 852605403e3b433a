"""What shows the findings of validate, which have no kind here."""

from collections.abc import Callable, Iterable, Iterator

from boxwright.core.artifacts.validation import LEAK
from boxwright.core.findings import Finding
from boxwright.diagnose.findings.examples import Example, View
from boxwright.diagnose.findings.kind import Shown

_SHEET = 12


def images(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The images that the finding names, as a contact sheet."""
    names = [item if isinstance(item, str) else item[0] for item in finding.items]
    if names:
        yield Example(tuple(View(name) for name in dict.fromkeys(names[:_SHEET])))


def pairs(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The two images of each pair, side by side, with their splits. An item may have a third part: how they are alike."""
    split_of = dict(zip(shown.data.images.filename, shown.data.images.split, strict=True))
    for item in finding.items:
        if not isinstance(item, str) and all(name in split_of for name in item[:2]):
            views = tuple(View(name, caption=f"in {split_of[name]}") for name in item[:2])
            yield Example(views, "".join(f"{how[:1].upper()}{how[1:]}." for how in item[2:]), whole=True)


EXAMPLES: dict[str, Callable[[Finding, Shown], Iterable[Example]]] = {
    "no_label_file": images,
    "negatives": images,
    LEAK: pairs,
    "repeated_images": pairs,
    "same_view": pairs,
}

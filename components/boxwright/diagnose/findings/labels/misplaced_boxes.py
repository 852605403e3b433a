"""Boxes that lie beside their objects, in many pictures or in a whole split: their labels belong to other pictures or frames."""

from collections.abc import Iterator, Mapping

import numpy as np

from boxwright.core.findings import SEVERITIES, Evidence, Finding, Severity
from boxwright.diagnose.data import SIDES, rows
from boxwright.diagnose.findings.examples import Example, Mark, View, box
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.findings.labels import cornered_boxes
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.beside import Beside, measure
from boxwright.diagnose.measures.evidence import at_least, share

# A box on its object looks more like a box than the same box moved aside. On 16 sets with right boxes, 0.87 to 1 of the boxes
# did; with the labels of all pictures exchanged, 0.42 to 0.83; on a set whose boxes a tracker had lost, 0.46 to 0.62.
# If the upper end of the interval is below this, the boxes of a whole split lie beside the objects.
_CHANCE = 0.75
# Share of the pictures whose boxes look like other places, by the lower end of the interval, and pictures at least.
_SHARE: dict[Severity, float] = {"high": 0.05, "medium": 0.02}
_FEWEST = 4
# A picture whose mean score is within _UNCLEAR of 0 is between; below, its boxes look like other places. Misplaced boxes make a
# heap below. On 16 sets with right boxes, at most 0.9 times as many were below as between; with the labels of 30 % of the
# pictures exchanged, 0.9 to 6 times. Objects that are hard to see make one heap around 0.
_UNCLEAR, _HEAPS = 0.15, 1.5
# Where boxes and other places are told apart worse than this (area under the curve), single pictures are not judged.
_TOLD_APART = 0.75
# Files that the finding names, the clearest first; pictures that the page shows, and boxes on each.
_NAMED, _SHOWN, _MARKS = 50, 12, 60
_WHERE = {"train": "the training images", "val": "the validation images", "test": "the test images"}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    # Boxes in the corner lie beside their objects as well: one cause, one finding.
    if inputs.looks and inputs.looks.placed and not cornered_boxes.judge(inputs.data):
        yield judge(measure(inputs.looks.placed), inputs.seed)


def judge(found: Mapping[str, Beside], seed: int) -> Finding | None:
    """found: by split."""
    lost = {split: row for split, of in found.items() if (row := _lost(of, split, seed))}
    parts = {split: _part(of, split, seed) for split, of in found.items() if split not in lost}
    parts = {split: part for split, part in parts.items() if part}
    if not lost and not parts:
        return None
    return Finding(
        id="misplaced_boxes",
        cause="data_quality",
        severity="high" if lost else _worst([severity for severity, _ in parts.values()]),
        title=_title(list(lost), {split: row for split, (_, row) in parts.items()}),
        claim=" ".join((*_lost_claims(lost), *_part_claims({split: row for split, (_, row) in parts.items()}))),
        evidence=(*lost.values(), *(row for _, row in parts.values())),
        items=_items({split: found[split] for split in (*lost, *parts)}, lost),
        remedy="Look at the named images with their boxes drawn. If the labels came from a tracker or from an export of frames, "
        "compare the frame numbers of images and labels, and pair them again; if the images were resized or cropped, export the "
        "labels for these images. Draw the boxes again where that does not help, or remove these images, then convert again.",
        expected_effect="not measured here",
        confidence="medium",
    )


def _lost(of: Beside, split: str, seed: int) -> Evidence | None:
    row = of.share(split, seed)
    return row if row.interval and row.interval[1] < _CHANCE else None


def _part(of: Beside, split: str, seed: int) -> tuple[Severity, Evidence] | None:
    """The pictures whose boxes look like other places, if they are a heap of their own."""
    below, between = of.means < -_UNCLEAR, np.abs(of.means) <= _UNCLEAR
    where = f"records: looks of sampled boxes of {split}"
    row = share("images whose boxes look like places beside the objects", below, where, seed, split)
    severity = at_least(row.interval[0] if row.interval else 0.0, _SHARE)
    heap = below.sum() >= max(_FEWEST, _HEAPS * between.sum()) and of.apart >= _TOLD_APART
    return (severity, row) if heap and severity else None


def _worst(severities: list[Severity]) -> Severity:
    return min(severities, key=SEVERITIES.index)


def _title(lost: list[str], parts: Mapping[str, Evidence]) -> str:
    if lost:
        splits = " and ".join(part for part in (", ".join(lost[:-1]), lost[-1]) if part)
        return f"The boxes of {splits} do not lie on their objects"
    split, row = max(parts.items(), key=lambda part: part[1].value)
    return f"The boxes lie beside the objects in {row.value:.0%} of {_WHERE[split]}"


def _lost_claims(lost: Mapping[str, Evidence]) -> Iterator[str]:
    for split, row in lost.items():
        yield (
            f"{split}: {row.value:.0%} of {row.n} sampled boxes look more like a box than the same box moved aside by 0.6 of "
            "its sides; 50% is chance, and boxes on their objects reach 87% to 100%."
        )
    if lost:
        yield "A detector cannot learn where the objects are from such boxes, nor can it be judged by them."


def _part_claims(parts: Mapping[str, Evidence]) -> Iterator[str]:
    for split, row in parts.items():
        yield (
            f"{split}: in {round(row.value * row.n)} of {row.n} sampled images, the boxes look like places beside the objects "
            "to the initial weights, which tell boxes from other places in the rest."
        )


def _items(found: Mapping[str, Beside], lost: Mapping[str, Evidence]) -> tuple[str, ...]:
    """File names: of each split the same number, the clearest first."""
    each = _NAMED // len(found)
    named = []
    for split, of in found.items():
        order = np.argsort(of.means, kind="stable")[:each]
        named += [str(of.names[row]) for row in order if split in lost or of.means[row] < -_UNCLEAR]
    return tuple(dict.fromkeys(named))


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """The named pictures with all of their boxes, three side by side."""
    step = max(1, len(finding.items) // _SHOWN)
    named = rows(shown.data.images, shown.data.images.filename.isin(finding.items[::step][:_SHOWN]))
    columns = (named.filename.tolist(), named.image_id.tolist(), named.split.tolist())
    views = [_view(name, image_id, split, shown) for name, image_id, split in zip(*columns, strict=True)]
    for at in range(0, len(views), 3):
        yield Example(tuple(views[at : at + 3]))


def _view(name: str, image_id: int, split: str, shown: Shown) -> View:
    sides = rows(shown.data.objects, shown.data.objects.image_id == image_id)[SIDES].to_numpy(float)[:_MARKS]
    return View(name, tuple(Mark(box(one), "red", "a box that lies beside its object") for one in sides), split)


KIND = Kind(ids=("misplaced_boxes",), find=find, examples=examples)

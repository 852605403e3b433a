"""Boxes that lie beside their objects, in many pictures or in a whole split: their labels belong to other pictures or frames."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from boxwright.core.findings import SEVERITIES, Evidence, Finding, Severity
from boxwright.core.plurals import part_of
from boxwright.core.records.tfrecords import SPLITS
from boxwright.diagnose.data import SIDES, rows
from boxwright.diagnose.embedding.looks import Looks
from boxwright.diagnose.findings.examples import Example, Mark, View, as_text, box, close_up, from_text
from boxwright.diagnose.findings.kind import Kind, Shown
from boxwright.diagnose.findings.labels import cornered_boxes
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.beside import Beside, best_places, measure
from boxwright.diagnose.measures.evidence import at_least, share

# A box on its object looks more like the other boxes than the same box moved aside. On 16 sets with right boxes, 0.87 to 1 of the
# boxes did; with the labels of all pictures exchanged, 0.42 to 0.83; on a set whose boxes a tracker had lost, 0.46 to 0.62.
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
# Where no split shows that the weights see the objects, nothing is known: the boxes may lie beside them, or the objects may look
# like their background. `Beside.sight` of noise is at most 0.5; with the labels of all pictures of six sets exchanged, one of six
# had less.
_SEEN = 0.5
# Files that the finding names, the clearest first; pictures of a split that the page shows, and boxes on each.
_NAMED, _SHOWN, _MARKS = 50, 4, 60
_WHERE = {"train": "training images", "val": "validation images", "test": "test images"}


def find(inputs: Inputs) -> Iterator[Finding | None]:
    # Boxes in the corner lie beside their objects as well: one cause, one finding.
    if inputs.looks and inputs.looks.placed and not cornered_boxes.judge(inputs.data):
        found = measure(inputs.looks.placed)
        finding = judge(found, inputs.seed)
        yield finding and finding.model_copy(update={"items": _with_places(finding, found, inputs.looks)})


def judge(found: Mapping[str, Beside], seed: int) -> Finding | None:
    """found: by split."""
    lost = {split: row for split, of in found.items() if (row := _lost(of, split, seed))}
    parts = {split: _part(of, split, seed) for split, of in found.items() if split not in lost}
    parts = {split: part for split, part in parts.items() if part}
    if lost and all(of.sight <= _SEEN for of in found.values()):
        return _unknown(lost, found)
    if not lost and not parts:
        return None
    rows_of_parts = {split: row for split, (_, row) in parts.items()}
    return Finding(
        id="misplaced_boxes",
        cause="data_quality",
        severity="high" if lost else _worst([severity for severity, _ in parts.values()]),
        title=_title(list(lost), rows_of_parts),
        claim=" ".join((*_lost_claims(lost), *_part_claims(rows_of_parts))),
        evidence=(*lost.values(), *rows_of_parts.values()),
        items=_items({split: found[split] for split in (*lost, *parts)}, lost),
        remedy="Pair the labels with their images again, or draw the boxes again. If the labels came from a tracker or from an "
        "export of frames, compare the frame numbers of images and labels. If the images were resized or cropped, export the "
        "labels for these images. Remove the images that cannot be mended, then convert again.",
        expected_effect="not measured here",
        confidence="medium",
    )


def _unknown(lost: Mapping[str, Evidence], found: Mapping[str, Beside]) -> Finding:
    return Finding(
        id="misplaced_boxes",
        cause="data_quality",
        severity="low",
        title=f"It cannot be judged whether the boxes of {_listed(lost)} lie on their objects",
        claim="The initial weights see no difference between the boxes and other places of the same pictures. Either they cannot "
        "see these objects, or the boxes lie beside them.",
        evidence=tuple(lost.values()),
        items=_items({split: found[split] for split in lost}, lost),
        remedy="Look at some images with their boxes drawn. If the boxes lie on the objects, nothing has to be corrected.",
        expected_effect="not measured here",
        confidence="low",
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
        return f"The boxes of {_listed(lost)} do not lie on their objects"
    split, row = max(parts.items(), key=lambda part: part[1].value)
    return f"The boxes lie beside the objects in {part_of(row.value, _WHERE[split])}"


def _listed(names: Iterable[str]) -> str:
    *others, last = names
    return " and ".join(part for part in (", ".join(others), last) if part)


def _lost_claims(lost: Mapping[str, Evidence]) -> Iterator[str]:
    if lost:
        here = _listed(part_of(row.value, f"{row.n} sampled boxes of {split}") for split, row in lost.items())
        yield (
            "A box on its object looks more like the other boxes than the place beside it does. That holds for 87% to 100% of "
            f"right boxes, and for 50% by chance. Here it holds for {here}. A detector cannot learn from such boxes where the "
            "objects are, and it cannot be judged by them."
        )


def _part_claims(parts: Mapping[str, Evidence]) -> Iterator[str]:
    if parts:
        here = _listed(part_of(row.value, f"{row.n} sampled images of {split}") for split, row in parts.items())
        yield (
            f"In {here}, the boxes look like other places of the pictures to the initial weights. In the rest, the weights tell "
            "boxes from other places."
        )


def _items(found: Mapping[str, Beside], lost: Mapping[str, Evidence]) -> tuple[str, ...]:
    """File names: of each split the same number, the clearest first."""
    each = _NAMED // len(found)
    named = []
    for split, of in found.items():
        order = np.argsort(of.means, kind="stable")[:each]
        named += [str(of.names[row]) for row in order if split in lost or of.means[row] < -_UNCLEAR]
    return tuple(dict.fromkeys(named))


def _with_places(finding: Finding, found: Mapping[str, Beside], looks: Looks) -> tuple[tuple[str, ...], ...]:
    """The named files; for the first of each split with a box as `as_text`, and the place nearby that looks more like a box."""
    worst = {name: sides for of in found.values() for name, sides in zip(of.names, of.boxes_yxyx, strict=True)}
    named = [item for item in finding.items if isinstance(item, str)]
    places: dict[str, np.ndarray] = {}
    for split, of in found.items():
        some = [name for name in named if name in set(of.names)][:_SHOWN]
        judge_of = next((one for one in (split, "train") if one in found and found[one].apart >= _TOLD_APART), None)
        if some and judge_of and found[judge_of].sight > _SEEN:
            around = looks.around(split, {name: worst[name] for name in some})
            places |= best_places(looks.placed[judge_of], around)
    return tuple((name, as_text(worst[name]), *([as_text(places[name])] if name in places else [])) for name in named)


def examples(finding: Finding, shown: Shown) -> Iterator[Example]:
    """Pictures of each split in turn: a box as it is labelled, enlarged, beside the picture with all of its boxes. Those with a
    place that looks more like a box come first."""
    named = {str(name): sides for name, *sides in (item for item in finding.items if not isinstance(item, str))}
    images = rows(shown.data.images, shown.data.images.filename.isin(list(named))).set_index("filename")
    of_split = {split: [name for name in named if images.split.get(name) == split] for split in SPLITS}
    ordered = [sorted(names, key=lambda name: -len(named[name]))[:_SHOWN] for names in of_split.values()]
    for turn in itertools.zip_longest(*ordered):
        for name in filter(None, turn):
            split = str(images.split[name])
            yield Example((_enlarged(name, named[name]), _whole(name, images.image_id[name], shown)), f"In {split}:")


def _enlarged(name: str, sides: Sequence[str]) -> View:
    mine, *place = map(from_text, sides)
    marks = [Mark(mine, "red", "a box as it is labelled")]
    marks += [Mark(one, "green", "the place nearby that looks most like the other boxes") for one in place]
    return View(name, tuple(marks), "one box, enlarged", close_up(mine, *place, times=1.8 if place else 3.0))


def _whole(name: str, image_id: int, shown: Shown) -> View:
    sides = rows(shown.data.objects, shown.data.objects.image_id == image_id)[SIDES].to_numpy(float)[:_MARKS]
    return View(name, tuple(Mark(box(one), "red", "a box as it is labelled") for one in sides), "the picture")


KIND = Kind(ids=("misplaced_boxes",), find=find, examples=examples)

"""What to do about pictures of one scene in several splits. A command stands last, in backticks, so that it can be copied."""

import shlex
from collections.abc import Iterable, Sequence, Set

from boxwright.core.plurals import count
from boxwright.core.records.tfrecords import SPLITS
from boxwright.validate.checks.seen_pictures import Seen
from boxwright.validate.checks.sightings import Sighting
from boxwright.validate.pictures import file_names, group_patterns

# Of the pictures in a video, this share or more look like a neighbour.
_VIDEO = 0.5
_COMMAND = "boxwright convert --data DATA"
_ONE_FOLDER = "First put all images into one folder without splits, because convert keeps the splits of the data. "
_BY_EYE = "The file names do not tell the scenes, so go by the pairs of images that are listed here. "
_FOLDERS = (
    f"Put the images of each scene into a folder of its own: `{_COMMAND} --group {shlex.quote(group_patterns.FOLDER)}`"
)


def of_leak(found: Sequence[Sighting], seen: Seen, made: Set[str], *, few: bool) -> str:
    """found: at least one. made: the splits that convert made. few: whether it is enough to take the images out."""
    frames = sum(one.how == "frame" for one in found) >= len(found) / 2
    if group := by_names(seen, made, "video" if frames else "scene"):
        return group
    held = _splits(one.held_in for one in found)
    if frames and _in_time(found, seen):
        return (
            "Split the sequence in time, not by chance. For example, its first 70 % are train, the next 15 % val, and the "
            "rest test, each in a folder of that name."
        )
    ours = made >= {one.held_in for one in found}
    if few:
        these = "this image" if len(found) == 1 else "these images"
        if ours:
            return f"Delete {these} of {held} and convert again, or keep the images of a scene together. {_FOLDERS}"
        return f"Take {these} out of {held}, or put all images of a scene into one split."
    if not seen.alike:
        return f"Split again with copies in one split. {_ONE_FOLDER}It keeps copies together: `{_COMMAND}`"
    if ours:
        return f"Split again by scene. {_BY_EYE}{_FOLDERS}"
    return (
        f"Split again by scene. {_BY_EYE}Put all images of a scene into train, or all into {held}. If the data were "
        "augmented before they were split, split first: training augments its images anyway."
    )


def _in_time(found: Sequence[Sighting], seen: Seen) -> bool:
    """Whether most held-out images with a neighbour in another split look like another one. Photographs have numbers, too."""
    sequence, place = file_names.sequences(seen.names)
    splits = {(s, p): split for s, p, split in zip(sequence, place, seen.splits, strict=True)}
    beside = {
        name
        for name, s, p, split in zip(seen.names, sequence, place, seen.splits, strict=True)
        if s >= 0 and split != "train" and {splits.get((s, p + step), split) for step in (-1, 1)} - {split}
    }
    return len(beside & {one.held for one in found}) >= _VIDEO * len(beside)


def by_names(seen: Seen, made: Set[str], source: str) -> str:
    """The remedy with a pattern for `--group`, which was tried on these names; empty if no pattern keeps together what looks
    alike. source: what the images of a group have in common."""
    mine = [pair for pair in seen.alike if seen.splits[pair[0]] in made]
    free = len(mine) >= len(seen.alike) / 2  # to be split again, as convert made these splits
    found = group_patterns.best(seen.names, mine if free else seen.alike)
    if not found:
        return ""
    apart = _splits(seen.splits[a] for a, b in seen.alike if not found.together(seen.names[a], seen.names[b]))
    rest = f"Images of {apart} remain that look alike across groups: take them out. " if apart else ""
    return (
        f"Split again by {source}. The file names tell it, in {count(found.groups, 'group')}. {'' if free else _ONE_FOLDER}{rest}"
        f"`{_COMMAND} --group {shlex.quote(found.text)}`"
    )


def _splits(splits: Iterable[str]) -> str:
    """`val and test`"""
    named = set(splits)
    return " and ".join(split for split in SPLITS if split in named)

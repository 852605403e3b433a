"""Proposes `--group` for data whose file names tell the camera or the video."""

from boxwright.core.plurals import count
from boxwright.validate.checks.seen_pictures import Seen
from boxwright.validate.pictures import file_names


def by_names(seen: Seen, *, given: bool) -> str:
    """The remedy with the pattern, which was tried on these names; empty if no pattern keeps together what looks alike.

    given: whether the splits are those of the data. Then convert keeps them, whatever --group says.
    """
    found = file_names.group_pattern(seen.names, seen.alike)
    if not found:
        return ""
    pattern, groups = found
    first = (
        "Put all images into one folder without splits, because convert keeps the splits of the data. Then split"
        if given
        else "Split"
    )
    return (
        f"{first} by camera or video, not by frame: boxwright convert --data DATA --group '{pattern}'. The file names have "
        f"{count(groups, 'such group')}, and images that look alike are in the same one."
    )

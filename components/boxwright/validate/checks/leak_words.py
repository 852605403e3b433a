"""How a leak is told: title, claim and what it means."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set

from boxwright.core.findings import Severity
from boxwright.core.plurals import count
from boxwright.core.records.tfrecords import HELD_OUT
from boxwright.validate.checks.sightings import COPIES, HOW, SPLIT_WORDS, WHOLE, Across, Sighting

# With this share or more, a split says nothing about new images.
_MOST = 0.5
# The changes of copies, as a title names them.
_CHANGES = ("rotated", "zoomed", "sheared")


def title(found: Sequence[Sighting], images: Mapping[str, int]) -> str:
    """found: the pairs of one held-out split and one that shows the same. images: of each split."""
    one, n = found[0], len(found)
    held, seen = SPLIT_WORDS[one.held_in], SPLIT_WORDS[one.seen_in]
    are, what = ("is", f"a {seen} image") if n == 1 else ("are", f"{seen} images")
    return f"{n} of {images[one.held_in]} {held} images {_shows({one.how for one in found}, are, what)}"


def _shows(hows: Set[str], are: str, what: str) -> str:
    """`are copies of training images`. what: the images."""
    changes = [how for how in _CHANGES if how in hows]
    copies = "a {}copy" if are == "is" else "{}copies"
    if hows <= {"exact", "copy"}:
        return f"{are} {copies.format('')} of {what}"
    if hows <= set(COPIES):
        only = f"{changes[0]} " if len(hows) == 1 else ""
        some = "" if only else f", some of them {' or '.join(changes)}"
        return f"{are} {copies.format(only)} of {what}{some}"
    if hows == {"frame"}:
        return f"{are} {'a frame' if are == 'is' else 'frames'} near {what}"
    if hows <= set(WHOLE):
        return f"{are} copies of {what} or frames near them"
    return f"{'shows the scene' if are == 'is' else 'show scenes'} of {what}"


def claim(found: Sequence[Sighting], images: Mapping[str, int], severity: Severity) -> str:
    counted = Counter((one.held_in, one.seen_in) for one in found)
    whole = all(one.how in WHOLE for one in found)
    return f"{_counts(counted, images, whole=whole)}: {_meaning(counted, images, severity)}. {_hows(found)}"


def _counts(counted: Mapping[Across, int], images: Mapping[str, int], *, whole: bool) -> str:
    """`60 of 60 validation images are in train, none of 40 test images`. whole: whether all are copies of whole images."""
    is_in, are_in = ("is in", "are in") if whole else ("shows pictures of", "show pictures of")
    told = [
        f"{n} of {images[held]} {SPLIT_WORDS[held]} images {is_in if n == 1 else are_in} {seen}"
        for (held, seen), n in sorted(counted.items(), key=lambda item: (item[0][1], item[0][0] == "test"))
    ]
    in_train = any(seen == "train" for _, seen in counted)
    clean = [s for s in HELD_OUT if in_train and images[s] and not any(held == s for held, _ in counted)]
    return ", ".join(told + [f"none of {images[s]} {SPLIT_WORDS[s]} images" for s in clean])


def _meaning(counted: Mapping[Across, int], images: Mapping[str, int], severity: Severity) -> str:
    """What the leak means for the choice of the best step and for the final numbers."""
    share = {pair: n / images[pair[0]] for pair, n in counted.items()}
    val, test = share.get(("val", "train"), 0.0), share.get(("test", "train"), 0.0)
    high = "too high" if severity == "high" else "a little too high"
    told = []
    if val:
        told.append("early stopping is blind" if val >= _MOST else f"val AP is {high}, and early stopping trusts it")
    if test:
        told.append("test AP says nothing about new images" if test >= _MOST else f"test AP is {high}")
    elif ("test", "val") in share:
        told.append(f"val selects the checkpoint, so test AP is {high}")
    if val and not images["test"]:
        told.append("no test split tells the true AP")
    if val and images["test"] and not any(held == "test" for held, _ in counted):
        told.append("test AP is honest")
    if not val and test and images["val"]:
        told.append("val AP is honest")
    return ", ".join(told)


def _hows(found: Sequence[Sighting]) -> str:
    """`12 pairs are equal byte for byte, 3 are rotated.`"""
    counted = Counter(one.how for one in found)
    first, *more = (how for how in HOW if counted[how])
    others = (f"{counted[how]} {'is' if counted[how] == 1 else 'are'} {HOW[how]}" for how in more)
    return ", ".join([f"{count(counted[first], 'pair', 'is')} {HOW[first]}", *others]) + "."

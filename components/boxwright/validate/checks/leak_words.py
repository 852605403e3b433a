"""How a leak is told: title, claim and what it means."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from boxwright.core.findings import Severity
from boxwright.core.plurals import count
from boxwright.core.records.tfrecords import HELD_OUT
from boxwright.validate.checks.sightings import COPIES, HOW, SPLIT_WORDS, WHOLE, Across, Sighting

# With this share or more, a split says nothing about new images.
_MOST = 0.5
# The changes of copies, as a title names them, and the share of the pairs from which on it does.
_CHANGES, _SOME = ("rotated", "zoomed", "sheared"), 0.1


def title(found: Sequence[Sighting], images: Mapping[str, int]) -> str:
    """found: the pairs of one held-out split and one that shows the same. images: of each split."""
    one, n = found[0], len(found)
    held, seen = SPLIT_WORDS[one.held_in], SPLIT_WORDS[one.seen_in]
    are, what = ("is", f"a {seen} image") if n == 1 else ("are", f"{seen} images")
    return f"{n} of {images[one.held_in]} {held} images {_shows(Counter(one.how for one in found), are, what)}"


def _shows(counted: Mapping[str, int], are: str, what: str) -> str:
    """`are copies of training images`. counted: pairs of each kind. what: the images."""
    hows = set(counted)
    changes = [how for how in _CHANGES if counted.get(how, 0) >= _SOME * sum(counted.values())]
    copies = "a {}copy" if are == "is" else "{}copies"
    if hows <= {"exact", "copy"}:
        return f"{are} {copies.format('')} of {what}"
    if hows <= set(COPIES):
        only = f"{changes[0]} " if len(hows) == 1 else ""
        some = "" if only or not changes else f", some of them {' or '.join(changes)}"
        return f"{are} {copies.format(only)} of {what}{some}"
    if hows == {"frame"}:
        return f"{are} {'a frame' if are == 'is' else 'frames'} near {what}"
    if hows <= set(WHOLE):
        return f"{are} copies of {what} or frames near them"
    return f"{'shows the scene' if are == 'is' else 'show scenes'} of {what}"


def claim(found: Sequence[Sighting], images: Mapping[str, int], severity: Severity) -> str:
    """What the title does not say. found: worst first; the title is about the first pair of splits."""
    counted = Counter((one.held_in, one.seen_in) for one in found)
    told = [*_others(counted, images, (found[0].held_in, found[0].seen_in)), *_meaning(counted, images, severity)]
    return " ".join(f"{sentence}." for sentence in (*told, _hows(found)))


def _others(counted: Mapping[Across, int], images: Mapping[str, int], titled: Across) -> Iterator[str]:
    """A sentence for each other pair of splits. titled: the pair of the title."""
    for (held, seen), n in sorted(counted.items(), key=lambda item: (item[0][1], item[0][0] == "test")):
        if (held, seen) != titled:
            show = "shows" if n == 1 else "show"
            yield f"{n} of {images[held]} {SPLIT_WORDS[held]} images {show} what {SPLIT_WORDS[seen]} images show"
    in_train = any(seen == "train" for _, seen in counted)
    for split in HELD_OUT:
        if in_train and images[split] and not any(held == split for held, _ in counted):
            yield f"None of {count(images[split], f'{SPLIT_WORDS[split]} image')} shows what training images show"


def _meaning(counted: Mapping[Across, int], images: Mapping[str, int], severity: Severity) -> Iterator[str]:
    """What the leak means for the choice of the best step and for the final numbers."""
    share = {pair: n / images[pair[0]] for pair, n in counted.items()}
    val, test = share.get(("val", "train"), 0.0), share.get(("test", "train"), 0.0)
    high = "too high" if severity == "high" else "a little too high"
    if val:
        yield "Early stopping is blind" if val >= _MOST else f"Val AP is {high}, and early stopping trusts it"
    if test:
        yield "Test AP says nothing about new images" if test >= _MOST else f"Test AP is {high}"
    elif ("test", "val") in share:
        yield f"Val selects the checkpoint, so test AP is {high}"
    if val and not images["test"]:
        yield "No test split tells the true AP"
    if val and images["test"] and not any(held == "test" for held, _ in counted):
        yield "Test AP is honest"
    if not val and test and images["val"]:
        yield "Val AP is honest"


def _hows(found: Sequence[Sighting]) -> str:
    """`12 pairs are equal byte for byte, 3 are rotated`. A single kind has no number: the others say it."""
    counted = Counter(one.how for one in found)
    first, *more = (how for how in HOW if counted[how])
    if not more:
        return f"{'The pair is' if len(found) == 1 else 'All pairs are'} {HOW[first]}"
    others = (f"{counted[how]} {'is' if counted[how] == 1 else 'are'} {HOW[how]}" for how in more)
    return ", ".join([f"{count(counted[first], 'pair', 'is')} {HOW[first]}", *others])

"""Finds a leak: held-out images that show what images of an earlier split show. It is one finding, with a row for each kind."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from boxwright.core.artifacts.validation import LEAK
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.core.records.tfrecords import HELD_OUT
from boxwright.validate.checks import group_proposals, same_views, seen_pictures, sightings
from boxwright.validate.checks.seen_pictures import Seen
from boxwright.validate.checks.sightings import HOW, SPLIT_WORDS, WHOLE, Sighting
from boxwright.validate.split_stats import SplitStats

# With this share of whole images or more, the AP of a split is unreliable; with this share of any. Second pictures of a place
# have another light, another focus and half of their objects in common.
_MANY, _PARTS = 0.05, 0.5
# One or two images are a slip, if they are not half of the split.
_FEWEST = 3
# With this share or more, a split says nothing about new images.
_MOST = 0.5
# A held-out split, and the split that shows the same.
Across = tuple[str, str]
_WHERE = {"exact": "records: image/key/sha256", "copy": "tables/images.parquet: dhash, filename"}
_PIXELS = "records: pixels of {} training, {} validation and {} test images"


def findings(records: Path, images: pa.Table, splits: Mapping[str, SplitStats], *, given: bool) -> Iterator[Finding]:
    """images: the table, with `seen_pictures.COLUMNS`. given: whether the splits are those of the data. The items of the finding
    are all pairs of files."""
    exact = list(sightings.by_bytes(splits))
    seen = seen_pictures.look(records, images, exact)
    found = sightings.once([*exact, *seen.sightings])
    counts = {split: stats.images for split, stats in splits.items()}
    if found:
        yield _leak(found, counts, seen, given=given)
    if not found or _severity(found, counts) != "high":
        yield from same_views.findings(seen, given=given)


def _leak(found: Sequence[Sighting], images: Mapping[str, int], seen: Seen, *, given: bool) -> Finding:
    """images: of each split."""
    counted = Counter((one.held_in, one.seen_in) for one in found)
    severity, whole = _severity(found, images), all(one.how in WHOLE for one in found)
    return Finding(
        id=LEAK,
        cause="split",
        severity=severity,
        title=_title(counted, images),
        claim=f"{_counts(counted, images, whole=whole)}: {_meaning(counted, images, severity)}. "
        f"{_hows(found)}{_looked(seen, images)}",
        evidence=tuple(_evidence(found, images, seen)),
        items=tuple((one.seen, one.held) for one in found),
        remedy=_remedy(found, seen, given=given),
        expected_effect="AP falls to its true value.",
    )


def _severity(found: Sequence[Sighting], images: Mapping[str, int]) -> Severity:
    every = Counter((one.held_in, one.seen_in) for one in found)
    whole = Counter((one.held_in, one.seen_in) for one in found if one.how in WHOLE)
    if any(n >= _PARTS * images[held] for (held, _), n in every.items()):
        return "high"
    shares = [n / images[held] for (held, _), n in whole.items()]
    if any(share >= _MANY and n >= _FEWEST for share, n in zip(shares, whole.values(), strict=True)):
        return "high"
    return "medium" if max(every.values()) >= _FEWEST or max(shares, default=0) >= _MANY else "low"


def _remedy(found: Sequence[Sighting], seen: Seen, *, given: bool) -> str:
    """What separates the images: the sources of --group, or the removal of the copies."""
    if group := group_proposals.by_names(seen, given=given):
        return group
    if sum(one.how == "frame" for one in found) >= len(found) / 2:
        return (
            "Split the sequence in time, not by chance: for example its first 70 % for train, the next 15 % for val, the rest "
            "for test, each in a folder of that name."
        )
    return (
        "Take these images out of the split that is held out, or move all images of a scene to one split. If the data were "
        "augmented before they were split, split first: training augments its images anyway."
    )


def _looked(seen: Seen, images: Mapping[str, int]) -> str:
    """How many images were compared, if not all; empty if all were."""
    if all(seen.looked[split] >= n for split, n in images.items()) or not any(seen.looked.values()):
        return ""
    of = ", ".join(f"{seen.looked[split]} of {n} {SPLIT_WORDS[split]}" for split, n in images.items() if n)
    return f" Rotated copies were looked for in a sample: {of} images."


def _title(counted: Mapping[Across, int], images: Mapping[str, int]) -> str:
    (held, seen), n = max(counted.items(), key=lambda item: item[1] / images[item[0][0]])
    verb = "shows" if n == 1 else "show"
    return f"{n} of {images[held]} {SPLIT_WORDS[held]} images {verb} what {SPLIT_WORDS[seen]} images show"


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
    """`12 are equal byte for byte (b is a, ...).` for each kind."""
    told = []
    for how, words in HOW.items():
        if pairs := [(one.seen, one.held) for one in found if one.how == how]:
            told.append(f"{len(pairs)} {'is' if len(pairs) == 1 else 'are'} {words} ({sightings.named(pairs)}).")
    return " ".join(told)


def _evidence(found: Sequence[Sighting], images: Mapping[str, int], seen: Seen) -> Iterator[Evidence]:
    """A row for each split and each kind. Its subject is the split that is held out."""
    pixels = _PIXELS.format(*seen.looked.values())
    for (held, other, how), n in Counter((one.held_in, one.seen_in, one.how) for one in found).items():
        yield Evidence(
            metric=f"{SPLIT_WORDS[held]} images that are {HOW[how]}, of {SPLIT_WORDS[other]} images",
            subject=held,
            value=n,
            n=images[held],
            where=_WHERE.get(how, pixels),
        )

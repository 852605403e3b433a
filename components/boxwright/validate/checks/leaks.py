"""Finds a leak: held-out images that show what images of an earlier split show. It is one finding, with a row for each kind."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from boxwright.core.artifacts.validation import LEAK
from boxwright.core.findings import Evidence, Finding
from boxwright.validate.checks import sightings
from boxwright.validate.checks.sightings import HOW, Sighting
from boxwright.validate.split_stats import SplitStats

# With this share of copies or more, the AP of a split is unreliable.
_MANY = 0.05
# With this share of copies or more, a split says nothing about new images.
_MOST = 0.5
_NAMES = {"train": "training", "val": "validation", "test": "test"}
_WHERE = {"exact": "records: image/key/sha256", "copy": "tables/images.parquet: dhash, filename"}


def findings(images: pa.Table, splits: Mapping[str, SplitStats]) -> Iterator[Finding]:
    """images: filename, split and dhash of each image. The items of the finding are all pairs of files."""
    found = sightings.once([*sightings.by_bytes(splits), *sightings.by_hashes(images)])
    if found:
        yield _leak(found, {split: stats.images for split, stats in splits.items()})


def _leak(found: Sequence[Sighting], images: Mapping[str, int]) -> Finding:
    """images: of each split."""
    counted = Counter((one.held_in, one.seen_in) for one in found)
    worst = max(n / images[held] for (held, _), n in counted.items())
    return Finding(
        id=LEAK,
        cause="split",
        severity="high" if worst >= _MANY else "medium",
        title=_title(counted, images),
        claim=f"{_counts(counted, images)}: {_meaning(counted, images)}. {_hows(found)}",
        evidence=tuple(_evidence(found, images)),
        items=tuple((one.seen, one.held) for one in found),
        remedy="Take these images out of the split that is held out, or move all images of a scene to one split. If the data "
        "were augmented before they were split, split first: training augments its images anyway.",
        expected_effect="AP falls to its true value.",
    )


def _title(counted: Mapping[tuple[str, str], int], images: Mapping[str, int]) -> str:
    (held, seen), n = max(counted.items(), key=lambda item: item[1] / images[item[0][0]])
    return f"{n} of {images[held]} {_NAMES[held]} images show what {_NAMES[seen]} images show"


def _counts(counted: Mapping[tuple[str, str], int], images: Mapping[str, int]) -> str:
    """`60 of 60 validation images are in train, none of 40 test images`."""
    told = [
        f"{n} of {images[held]} {_NAMES[held]} images {'is' if n == 1 else 'are'} in {seen}"
        for (held, seen), n in sorted(counted.items(), key=lambda item: (item[0][1], item[0][0] == "test"))
    ]
    in_train = any(seen == "train" for _, seen in counted)
    clean = [s for s in ("val", "test") if in_train and images[s] and not any(held == s for held, _ in counted)]
    return ", ".join(told + [f"none of {images[s]} {_NAMES[s]} images" for s in clean])


def _meaning(counted: Mapping[tuple[str, str], int], images: Mapping[str, int]) -> str:
    """What the leak means for the choice of the best step and for the final numbers."""
    share = {pair: n / images[pair[0]] for pair, n in counted.items()}
    val, test = share.get(("val", "train"), 0.0), share.get(("test", "train"), 0.0)
    told = []
    if val:
        told.append(
            "early stopping is blind" if val >= _MOST else "early stopping sees images that were learned by heart"
        )
    if test:
        told.append("test AP says nothing about new images" if test >= _MOST else "test AP is too high")
    elif ("test", "val") in share:
        told.append("val selects the checkpoint, so test AP is too high")
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


def _evidence(found: Sequence[Sighting], images: Mapping[str, int]) -> Iterator[Evidence]:
    """A row for each split and each kind. Its subject is the split that is held out."""
    for (held, seen, how), n in Counter((one.held_in, one.seen_in, one.how) for one in found).items():
        yield Evidence(
            metric=f"{_NAMES[held]} images that are {HOW[how]}, of {_NAMES[seen]} images",
            subject=held,
            value=n,
            n=images[held],
            where=_WHERE[how],
        )

"""Finds a leak: held-out images that show what images of an earlier split show. It is one finding, with a row for each kind."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path

import pyarrow as pa

from boxwright.core.artifacts.validation import LEAK
from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.validate.checks import leak_remedies, leak_words, same_views, seen_pictures, sightings
from boxwright.validate.checks.seen_pictures import Seen
from boxwright.validate.checks.sightings import HOW, SPLIT_WORDS, WHOLE, Sighting
from boxwright.validate.split_stats import SplitStats

# With this share of whole images or more, the AP of a split is unreliable; with this share of any. Second pictures of a place
# have another light, another focus and half of their objects in common.
_MANY, _PARTS = 0.05, 0.5
# One or two images are a slip, if they are not half of the split.
_FEWEST = 3
# A split that loses more than this share should be made again instead.
_TO_SPARE = 0.2
_WHERE = {"exact": "records: image/key/sha256", "copy": "tables/images.parquet: dhash, filename"}
_PIXELS = "records: pixels of {} training, {} validation and {} test images"


def findings(records: Path, images: pa.Table, splits: Mapping[str, SplitStats], made: Set[str]) -> Iterator[Finding]:
    """images: the table, with `seen_pictures.COLUMNS`. made: the splits that convert made. The items are all pairs: the
    image of the earlier split, the held-out one, and how they are alike."""
    exact = list(sightings.by_bytes(splits))
    seen = seen_pictures.look(records, images, exact)
    counts = {split: stats.images for split, stats in splits.items()}
    found = _worst_first(sightings.once([*exact, *seen.sightings]), counts)
    if found:
        yield _leak(found, counts, seen, made)
    if not found or _severity(found, counts) != "high":
        yield from same_views.findings(seen, made)


def _worst_first(found: Sequence[Sighting], images: Mapping[str, int]) -> list[Sighting]:
    """Those of one held-out split together: what training images show first, then the largest share of a split."""
    counted = Counter((one.held_in, one.seen_in) for one in found)

    def rank(one: Sighting) -> tuple[bool, float, str, str]:
        share = counted[one.held_in, one.seen_in] / images[one.held_in]
        return one.seen_in != "train", -share, one.held_in, one.seen_in

    return sorted(found, key=rank)


def _leak(found: Sequence[Sighting], images: Mapping[str, int], seen: Seen, made: Set[str]) -> Finding:
    """found: worst first; the title is about the first. images: of each split."""
    worst = [one for one in found if (one.held_in, one.seen_in) == (found[0].held_in, found[0].seen_in)]
    severity = _severity(found, images)
    few = severity != "high" and len(worst) <= max(_FEWEST, _TO_SPARE * images[worst[0].held_in])
    return Finding(
        id=LEAK,
        cause="split",
        severity=severity,
        title=leak_words.title(worst, images),
        claim=f"{leak_words.claim(found, images, severity)}{_looked(seen, images)}",
        evidence=tuple(_evidence(found, images, seen)),
        items=tuple((one.seen, one.held, HOW[one.how]) for one in found),
        remedy=leak_remedies.of_leak(found, seen, made, few=few),
        expected_effect="AP gets lower, because it no longer counts pictures that training has seen.",
    )


def _severity(found: Sequence[Sighting], images: Mapping[str, int]) -> Severity:
    every = Counter((one.held_in, one.seen_in) for one in found)
    scenes = Counter((one.held_in, one.seen_in) for one in found if one.how != "place")
    whole = Counter((one.held_in, one.seen_in) for one in found if one.how in WHOLE)
    if any(n >= _PARTS * images[held] for (held, _), n in scenes.items()):
        return "high"
    shares = [n / images[held] for (held, _), n in whole.items()]
    if any(share >= _MANY and n >= _FEWEST for share, n in zip(shares, whole.values(), strict=True)):
        return "high"
    return "medium" if max(every.values()) >= _FEWEST or max(shares, default=0) >= _MANY else "low"


def _looked(seen: Seen, images: Mapping[str, int]) -> str:
    """How many images were compared, if not all; empty if all were."""
    if all(seen.looked[split] >= n for split, n in images.items()) or not any(seen.looked.values()):
        return ""
    of = ", ".join(f"{seen.looked[split]} of {n} {SPLIT_WORDS[split]}" for split, n in images.items() if n)
    return f" Changed copies were looked for in a sample: {of} images."


def _evidence(found: Sequence[Sighting], images: Mapping[str, int], seen: Seen) -> Iterator[Evidence]:
    """A row for each split and each kind. Its subject is the split that is held out."""
    pixels = _PIXELS.format(*seen.looked.values())
    for (held, other, how), n in Counter((one.held_in, one.seen_in, one.how) for one in found).items():
        yield Evidence(
            metric=f"{SPLIT_WORDS[held]} images, beside {SPLIT_WORDS[other]} images, {HOW[how]}",
            subject=held,
            value=n,
            n=images[held],
            where=_WHERE.get(how, pixels),
        )

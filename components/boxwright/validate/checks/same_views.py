"""Finds held-out images with the view of training images but other objects: a fixed camera, or one layout. It is no leak."""

from collections.abc import Iterator, Set

from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.validate.checks import leak_remedies
from boxwright.validate.checks.seen_pictures import Seen
from boxwright.validate.checks.sightings import SPLIT_WORDS

# With this share of a split or more, AP is about these views.
_MOST = 0.5


def findings(seen: Seen, made: Set[str]) -> Iterator[Finding]:
    """made: the splits that convert made."""
    views = {split: pairs for split, pairs in seen.views.items() if len(pairs) >= _MOST * seen.looked[split]}
    if not views:
        return
    group = leak_remedies.by_names(seen, made, "camera")
    told = " and ".join(
        f"{len(pairs)} of {count(seen.looked[split], f'{SPLIT_WORDS[split]} image')}" for split, pairs in views.items()
    )
    yield Finding(
        id="same_view",
        cause="split",
        severity="medium" if group else "low",
        title=f"The {' and '.join(SPLIT_WORDS[split] for split in views)} images have the views of training images",
        claim=f"The background of {told} is that of a training image, and the objects differ: a fixed camera, or one layout. "
        "They are no copies. AP is about these views; it says nothing about a new one.",
        evidence=tuple(
            Evidence(
                metric=f"{SPLIT_WORDS[split]} images with the view of a training image",
                subject=split,
                value=len(pairs),
                n=seen.looked[split],
                where="records: pixels",
            )
            for split, pairs in views.items()
        ),
        items=tuple(pair for pairs in views.values() for pair in pairs),
        remedy=group or "If the detector shall work elsewhere, too, put images of other places into val and test.",
        expected_effect="no gain in AP, but AP becomes that of a new view",
        confidence="medium",
    )

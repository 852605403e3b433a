"""Pictures of the images that a finding is about, for the page."""

import io
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from boxwright.core.findings import Finding
from boxwright.core.html import page_base
from boxwright.core.records import tfrecords
from boxwright.core.records.tfrecords import Record
from boxwright.core.runtime.errors import UserError

# Findings whose items are images that only a look can judge.
_IDS = ("no_label_file", "negatives")
# Pictures for a finding, their longest side in pixels, and how many images of a split are searched for them.
MOST, _SIDE, _SEARCHED = 6, 220, 2000


class Picture(NamedTuple):
    """uri: the image itself."""

    filename: str
    uri: str


def read(records: Path, findings: Sequence[Finding]) -> dict[str, list[Picture]]:
    """The first few images of each finding that a look can judge, by the finding's key. records: the folder that convert wrote.

    Raises UserError for damaged records. A single damaged image is left out.
    """
    wanted = {finding.key: set(finding.items) for finding in findings if finding.id in _IDS}
    found: dict[str, list[Picture]] = {key: [] for key in wanted}
    for record in _records(records) if wanted else ():
        keys = [key for key, names in wanted.items() if record.filename in names and len(found[key]) < MOST]
        if keys and (picture := _picture(record)):
            for key in keys:
                found[key].append(picture)
        if all(len(pictures) >= min(MOST, len(wanted[key])) for key, pictures in found.items()):
            break
    return {key: pictures for key, pictures in found.items() if pictures}


def _records(records: Path) -> Iterator[Record]:
    for split in tfrecords.SPLITS:
        yield from itertools.islice(tfrecords.read(records, split), _SEARCHED)


def _picture(record: Record) -> Picture | None:
    try:
        image = record.picture("RGB")
    except UserError:
        return None
    image.thumbnail((_SIDE, _SIDE))
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=80)
    return Picture(record.filename, page_base.data_uri(encoded.getvalue()))

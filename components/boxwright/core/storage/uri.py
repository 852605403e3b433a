"""Which places a flag may name."""

import re

from boxwright.core.runtime.errors import UserError

BUCKETS, WEB = ("gs",), ("https", "gs")
# Of s3://BUCKET a Path leaves s3:/BUCKET.
_URI = re.compile(r"([a-z][a-z0-9+.-]+):/", re.IGNORECASE)


def require_known(flag: str, place: object, schemes: tuple[str, ...] = BUCKETS) -> None:
    """Raises UserError for a URI of another scheme: taken for a path, it would be looked for in a folder here, or written to."""
    scheme = _URI.match(str(place))
    if scheme and scheme[1] not in schemes:
        kinds = " or ".join(["a path", *(f"{known}://" for known in schemes)])
        raise UserError(f"{flag} {place}: expected {kinds}; no other place is known here".lstrip())

"""Parses the value of a flag: a local path, a web address, or a URI in a bucket."""

import re
from pathlib import Path
from urllib.parse import urlparse

from boxwright.core.runtime.errors import UserError

BUCKETS = ("gs",)
# Path turns s3://BUCKET into s3:/BUCKET.
_URI = re.compile(r"([a-z][a-z0-9+.-]+):/", re.IGNORECASE)


def require_known(flag: str, place: object, schemes: tuple[str, ...] = BUCKETS) -> None:
    """Raises UserError for a URI with another scheme. Otherwise it would be used as the path of a local folder."""
    scheme = _URI.match(str(place))
    if scheme and scheme[1] not in schemes:
        kinds = " or ".join(["a path", *(f"{known}://" for known in schemes)])
        raise UserError(f"{flag} {place}: expected {kinds}; other schemes are not supported".lstrip())


def in_bucket(uri: str) -> bool:
    return uri.startswith("gs://")


def is_local(uri: str) -> bool:
    return urlparse(uri).scheme not in ("http", "https", "gs")


def from_path(path: Path | str) -> str:
    """The URI gs://... of a Path that was made from it and lost a slash. Empty for a local path."""
    scheme, _, rest = str(path).partition("/")
    return f"gs://{rest.removeprefix('/')}" if scheme == "gs:" else ""


def split(uri: str) -> tuple[str, str]:
    """Bucket and path of gs://bucket/path. Raises UserError for an invalid bucket name."""
    bucket, _, path = uri.removeprefix("gs://").partition("/")
    if not (bucket[:1].isalnum() and bucket[-1:].isalnum()):
        raise UserError(f"{uri}: {bucket!r} is not a valid bucket name; expected gs://BUCKET/FOLDER")
    return bucket, path


def as_prefix(folder: str) -> str:
    """The common beginning of the names of all objects in a folder."""
    return folder.rstrip("/") + "/" if folder.rstrip("/") else ""


def data_sets(data: str) -> list[str]:
    """The data sets in `--data`: one, or several separated by commas. An existing path that contains a comma is one data set."""
    return [data] if Path(data).exists() else [part.strip() for part in data.split(",") if part.strip()] or [data]

"""Parses the value of a flag: a local path, a web address, or a URI in a bucket."""

import errno
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, urlparse

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets

# Schemes of buckets. Kubeflow writes minio:// for objects in its own store, which speaks S3.
BUCKETS = ("gs", "s3", "minio")
_BUCKET = re.compile(f"({'|'.join(BUCKETS)})://")
# Path turns s3://BUCKET into s3:/BUCKET.
_URI = re.compile(r"([a-z][a-z0-9+.-]+):/", re.IGNORECASE)
# Whole addresses, with passwords and signatures, separated by white space: the variable, and in a pod a key of the secret
# `boxwright-bucket`. Flags name these addresses without their secrets.
_ADDRESSES, _ADDRESSES_FILE = "BOXWRIGHT_URLS", Path("/secrets/boxwright/urls")
_WORD = re.compile(r"(--[\w-]+=)?(https?:.*)", re.IGNORECASE | re.DOTALL)
_PIN, _SHA256 = "#sha256=", re.compile("[0-9a-f]{64}")


def require_known(flag: str, place: object, schemes: tuple[str, ...] = BUCKETS) -> None:
    """Raises UserError for a URI with another scheme. Otherwise it would be used as the path of a local folder."""
    scheme = _URI.match(str(place))
    if scheme and scheme[1] not in schemes:
        kinds = " or ".join(["a path", *(f"{known}://" for known in schemes if known != "minio")])
        raise UserError(f"{flag} {place}: expected {kinds}; other schemes are not supported".lstrip())


def in_bucket(uri: str) -> bool:
    return bool(_BUCKET.match(uri))


def is_local(uri: str) -> bool:
    return urlparse(uri).scheme not in ("http", "https", *BUCKETS)


def from_path(path: Path | str) -> str:
    """The URI of a bucket, such as gs://..., of a Path that was made from it and lost a slash. Empty for a local path."""
    scheme, _, rest = str(path).partition("/")
    return f"{scheme}//{rest.removeprefix('/')}" if scheme.removesuffix(":") in BUCKETS and scheme[-1] == ":" else ""


def split(uri: str) -> tuple[str, str]:
    """Bucket and path of gs://bucket/path. Raises UserError for an invalid bucket name."""
    scheme, _, place = uri.partition("://")
    bucket, _, path = place.partition("/")
    if not (bucket[:1].isalnum() and bucket[-1:].isalnum()):
        raise UserError(f"{uri}: {bucket!r} is not a valid bucket name; expected {scheme}://BUCKET/FOLDER")
    return bucket, path


def top(uri: str) -> str:
    """The URI of the bucket, without a slash at its end."""
    return f"{uri.partition('://')[0]}://{split(uri)[0]}"


def as_prefix(folder: str) -> str:
    """The common beginning of the names of all objects in a folder."""
    return folder.rstrip("/") + "/" if folder.rstrip("/") else ""


def data_sets(data: str) -> list[str]:
    """The data sets in `--data`: one, or several separated by commas. An existing path that contains a comma is one data set."""
    return [data] if _exists(data) else [part.strip() for part in data.split(",") if part.strip()] or [data]


def whole(address: str) -> str:
    """The address with its password and signature, if BOXWRIGHT_URLS has them; else unchanged. A pin is left out."""
    address = address.partition(_PIN)[0]
    known = (one.partition(_PIN)[0] for one in _known_addresses())
    return next((one for one in known if without_secrets(one) == address), address)


def hide(words: Sequence[str]) -> list[str]:
    """The words of a command line with each address without its secrets. `whole` gives the address back, also in child processes.

    So no secret stands in the process list of a step, in a record or in a log. Raises UserError for two addresses that differ
    in nothing else.
    """
    found = {word: match for word in words if (match := _WORD.fullmatch(word)) and without_secrets(word) != word}
    given = {word: re.sub(r"\s", lambda space: quote(space[0]), match[2]) for word, match in found.items()}
    clean = {word: (match[1] or "") + without_secrets(given[word]) for word, match in found.items()}
    addresses = {address: without_secrets(address).partition(_PIN)[0] for address in given.values()}
    if len(set(addresses.values())) < len(addresses):
        raise UserError(
            f"{next(iter(clean.values()))}: two addresses differ only after the `?`; download one, and give its path"
        )
    if addresses:
        os.environ[_ADDRESSES] = " ".join([*addresses, *_known_addresses()])
    return [clean.get(word, word) for word in words]


def _known_addresses() -> Iterator[str]:
    yield from os.environ.get(_ADDRESSES, "").split()
    try:
        yield from _ADDRESSES_FILE.read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return


def split_pin(uri: str) -> tuple[str, str]:
    """A URI and the SHA-256 that its file must have, from URI#sha256=HEX; empty without one. Raises UserError for a wrong one."""
    place, _, pin = uri.partition(_PIN)
    if _PIN in uri and not _SHA256.fullmatch(pin.lower()):
        raise UserError(
            f"{place}{_PIN}{pin[:70]}: expected 64 hexadecimal digits after `sha256=`, as `sha256sum FILE` prints them"
        )
    return place, pin.lower()


def _exists(path: str) -> bool:
    """As `Path.exists`. A text that is too long for a path does not exist. Raises OSError if it cannot be looked up otherwise."""
    try:
        return Path(path).exists()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise

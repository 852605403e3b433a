"""Removes passwords, signatures and tokens from text that is printed or written.

Standard library only: every environment raises errors. The time grows in proportion to the text, whatever is in it.
"""

import re
from typing import Any

# A word of a text: an address has no white space. A quote or an angle bracket ends it, unless a letter, a digit or `@` follows:
# then it may be part of a password.
_WORD = re.compile(r"(?:[^\s\"'<>`]|[\"'<>`](?=[\w@]))+")
# The beginning of an address, also with a wrong number of slashes, and as it is written inside another address.
_SCHEME = re.compile(r"(https?:[/\\]*|[a-z][a-z0-9+.-]{1,15}:/{1,9}|https?%3A%2F%2F)", re.IGNORECASE)
# `user:password@host` without a scheme. The name of an image, `name:tag@sha256:...`, is not one.
_USER = re.compile(r"(?<![\w.~%/:@-])(/{2})?[\w.~%-]{1,99}:[^\s@:/]{1,300}@(?=[\w\[])(?!sha\d{1,4}:)")
# The end of the host, the end of a user, and the beginning of the parameters, plain or percent-encoded.
_HOST_END = re.compile("[/?#]|%2F", re.IGNORECASE)
_USER_END = re.compile(".*(?:@|%40)", re.IGNORECASE | re.DOTALL)
_QUERY = re.compile(r"[?#]|%3F[\w.~-]{1,99}(?:=|%3D)", re.IGNORECASE)
# Marks after an address that belong to the sentence.
_SENTENCE = ")],.;:"
_PIN = re.compile(r"#sha256=[0-9a-f]+$", re.IGNORECASE)
# Parameters of an address without its host, as in `Max retries exceeded with url: /a?signature=...`. A parameter that names a
# file, as in Label Studio's `/data/local-files/?d=photos/a.jpg`, is no secret.
_PARAMETERS = re.compile(r"[?&#](?!(?:d|path|file|filename)=)[\w.~%\[\]-]{1,99}=")
_PORT = re.compile(r":\d*$")
# Values whose name says that they are secret, as text (`token=...`) and as JSON (`"token": "..."`).
_NAMES = (
    r"(?:\b|_)(?:sig|sas|pwd)|signature|session_?id|token|secret[\w-]{0,20}|password|passwd|credentials?|api[_-]?key|"
    r"access[_-]?key|cookie"
)
_NAMED = re.compile(rf"((?:{_NAMES})(?:=|[\"']\s{{0,3}}:\s{{0,3}}[\"']?))[^\s\"'<>`,;&]+", re.IGNORECASE)
_HEADER = re.compile(
    r"((?:authorization|cookie|x-api-key)[\"']?\s{0,3}[:=]\s{0,3}[\"']?)(?:(?:bearer|basic|negotiate|digest)\s{1,3})?[\w.~+/=-]{3,}"
    r"|(\bbearer\s{1,3})[\w.~+/=-]{6,}",
    re.IGNORECASE,
)


def without_secrets(value: Any) -> Any:
    """A text without the secrets in it. The elements of a list and the values of a mapping are treated likewise.

    Each address in the text loses its user, password, query and fragment, except for a pin (`#sha256=...`). A value after a name
    such as `token=`, and what follows `Authorization:`, becomes `...`. A value of another type is returned unchanged.
    """
    if isinstance(value, str):
        addresses = _USER.sub(r"\1", _WORD.sub(lambda word: _clean_word(word[0]), value))
        return _NAMED.sub(r"\1...", _HEADER.sub(r"\1\2...", addresses))
    if isinstance(value, dict):
        return {key: without_secrets(one) for key, one in value.items()}
    return type(value)(map(without_secrets, value)) if type(value) in (list, tuple) else value


def _clean_word(word: str) -> str:
    """A word may hold several addresses, as in `https://a,https://b`."""
    if not any(mark in word for mark in "?&#@%"):
        return word
    before, *found = _SCHEME.split(word)
    rest = zip(found[::2], found[1::2], strict=True)
    return _without_parameters(before) + "".join(scheme + _clean_address(scheme, address) for scheme, address in rest)


def _clean_address(scheme: str, address: str) -> str:
    """address: what follows `https://`. Names of objects in a bucket may contain `?` and `#`, so gs:// and s3:// keep them."""
    address = _without_user(address)
    if scheme.lower().startswith(("gs:", "s3:", "minio:")):
        return _without_parameters(address)
    query = _QUERY.search(address)
    return _cut(address, query.start() if query else len(address))


def _without_user(address: str) -> str:
    """The address without `user:password@`. A password may contain `/`, `?` and `#`, although it should not."""
    host = _HOST_END.split(address, maxsplit=1)[0]
    if user := _USER_END.match(host):
        return address[user.end() :]
    odd = ":" in host and not host.startswith("[") and not _PORT.search(host)
    return address[address.rfind("@") + 1 :] if odd else address


def _without_parameters(text: str) -> str:
    found = _PARAMETERS.search(text)
    return _cut(text, found.start()) if found else text


def _cut(text: str, at: int) -> str:
    """The text up to `at`, with its pin and with the marks of the sentence after it."""
    address = text.rstrip(_SENTENCE)
    pin = _PIN.search(address[at:])
    return text[:at] + (pin[0] if pin else "") + text[max(at, len(address)) :]

"""Removes passwords, signatures and tokens from text that is printed or written.

Standard library only: every environment raises errors. The time grows in proportion to the text, whatever is in it.
"""

import re
from typing import Any

# A word of a text: an address has no white space, quotes or angle brackets.
_WORD = re.compile(r"[^\s\"'<>`]+")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,15}:/{1,3})", re.IGNORECASE)
# Marks after an address that belong to the sentence.
_SENTENCE = ")],.;:"
_PIN = re.compile(r"#sha256=[0-9a-f]+$", re.IGNORECASE)
# Parameters of an address without its host, as in `Max retries exceeded with url: /a?signature=...`.
_PARAMETERS = re.compile(r"[?&#][\w.~%\[\]-]{1,99}=")
_PORT = re.compile(r":\d*$")
# Values whose name says that they are secret, as text (`token=...`) and as JSON (`"token": "..."`).
_NAMES = r"(?:\b|_)(?:sig|pwd)|signature|token|secret[\w-]{0,20}|password|passwd|credentials?|api[_-]?key|access[_-]?key|cookie"
_NAMED = re.compile(rf"((?:{_NAMES})(?:=|[\"']\s{{0,3}}:\s{{0,3}}[\"']?))[^\s\"'<>`,;&]+", re.IGNORECASE)
_HEADER = re.compile(
    r"(authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?)(?:(?:bearer|basic|negotiate|digest)\s{1,3})?[\w.~+/=-]{3,}"
    r"|(\bbearer\s{1,3})[\w.~+/=-]{6,}",
    re.IGNORECASE,
)


def without_secrets(value: Any) -> Any:
    """A text without the secrets in it. The elements of a list and the values of a mapping are treated likewise.

    Each address in the text loses its user, password, query and fragment, except for a pin (`#sha256=...`). A value after a name
    such as `token=`, and what follows `Authorization:`, becomes `...`. A value of another type is returned unchanged.
    """
    if isinstance(value, str):
        return _NAMED.sub(r"\1...", _HEADER.sub(r"\1\2...", _WORD.sub(lambda word: _clean_word(word[0]), value)))
    if isinstance(value, dict):
        return {key: without_secrets(one) for key, one in value.items()}
    return type(value)(map(without_secrets, value)) if type(value) in (list, tuple) else value


def _clean_word(word: str) -> str:
    """A word may hold several addresses, as in `https://a,https://b`."""
    if not any(mark in word for mark in "?&#@"):
        return word
    before, *found = _SCHEME.split(word)
    rest = zip(found[::2], found[1::2], strict=True)
    return _without_parameters(before) + "".join(scheme + _clean_address(scheme, address) for scheme, address in rest)


def _clean_address(scheme: str, address: str) -> str:
    """address: what follows `https://`. Names of objects in a bucket may contain `?` and `#`, so gs:// keeps them."""
    address = _without_user(address)
    if scheme.lower().startswith("gs:"):
        return _without_parameters(address)
    return _cut(address, min((at for mark in "?#" if (at := address.find(mark)) >= 0), default=len(address)))


def _without_user(address: str) -> str:
    """The address without `user:password@`. A password may contain `/`, `?` and `#`, although it should not."""
    host = re.split("[/?#]", address, maxsplit=1)[0]
    if "@" in host:
        return address[host.rindex("@") + 1 :]
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

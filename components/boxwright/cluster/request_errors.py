"""Errors of requests to a server: which ones are temporary, and what they mean for the user."""

import contextlib
import json
import socket
import ssl
from typing import Any

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets

# HTTP statuses of a server that is busy or restarting. 0: no response.
BUSY = (0, 408, 425, 429, 500, 502, 503, 504)


def explained(url: str, error: Exception) -> UserError:
    """A UserError that explains a failed request and says what to do."""
    status = status_of(error)
    if status in (401, 403):
        return UserError(
            f"{url} denies access: {status} ({message(error)}): the token in KFP_TOKEN is missing, wrong or expired, or has no "
            "rights for this in this namespace (--namespace)"
        )
    if status == 404:
        return UserError(
            f"{url}: not found: 404 ({message(error)}). Either it does not exist, or the server is older than KFP 2.0 and lacks "
            "the API v2beta1, or --host lacks the path of KFP on this server"
        )
    if status:
        return UserError(f"{url} answers {status}: {message(error)}")
    if insecure := next((cause for cause in causes(error) if isinstance(cause, ssl.SSLError)), None):
        if isinstance(insecure, ssl.SSLCertVerificationError):
            why = f"its certificate is not trusted ({insecure.verify_message}); name the file with its authority in "
            return UserError(f"{url}: {why}REQUESTS_CA_BUNDLE")
        return UserError(f"{url} does not speak TLS ({insecure.reason}); is its address http://…?")
    why = next((cause.strerror for cause in causes(error) if isinstance(cause, OSError) and cause.strerror), None)
    return UserError(
        f"no KFP server answers at {url} ({why or message(error)}); check the address, and that the port-forward is "
        "still running"
    )


def is_transient(error: Exception) -> bool:
    """Whether the same request may succeed if it is repeated."""
    import requests
    import urllib3

    if (status := status_of(error)) is not None:
        return status in BUSY
    lost = (ConnectionError, TimeoutError, requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError)
    lost += (requests.exceptions.ChunkedEncodingError, requests.exceptions.JSONDecodeError)  # incomplete responses
    return isinstance(error, lost) and not refused(error)


def refused(error: BaseException) -> bool:
    """Whether a retry is pointless: nothing listens there, the host is unknown, or TLS fails."""
    cut_off = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    return any(
        isinstance(cause, ConnectionRefusedError)
        or (isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN)
        or (isinstance(cause, ssl.SSLError) and not isinstance(cause, cut_off))
        for cause in causes(error)
    )


def causes(error: BaseException) -> list[BaseException]:
    """The error and all its causes. requests and urllib3 keep causes in attributes and arguments."""
    found: list[BaseException] = []
    todo: list[Any] = [error]
    while todo:
        if isinstance(one := todo.pop(), BaseException) and one not in found:
            found.append(one)
            todo += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
    return found


def message(error: Exception) -> str:
    """The server's message, or else the error's, as one line without secrets."""
    body = getattr(error, "body", None) or getattr(getattr(error, "response", None), "content", b"")
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    said = text if text and "<" not in text else getattr(error, "reason", None) or error
    with contextlib.suppress(ValueError, AttributeError, RecursionError):
        words = json.loads(text)
        said = words.get("message") or words.get("error_message") or words.get("error") or said
    return without_secrets(" ".join(str(said).split()))[:300]


def status_of(error: Exception) -> int | None:
    """The HTTP status of an error response; None if there was no response."""
    status = getattr(error, "status", None) or getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def is_about_the_request(error: Exception) -> bool:
    """Whether an error comes from a request. All errors of requests are OSErrors, even a missing certificate file."""
    import urllib3

    return isinstance(error, OSError | urllib3.exceptions.HTTPError) or status_of(error) is not None

"""Errors of requests to a server: which of them may pass, and what they mean for the user."""

import contextlib
import json
import socket
import ssl
from typing import Any

from boxwright.core.runtime.errors import UserError

# HTTP statuses of a server that is busy or restarts. 0: no answer.
BUSY = (0, 408, 425, 429, 500, 502, 503, 504)


def explained(url: str, error: Exception) -> UserError:
    """What a failed request means, and what to do."""
    status = status_of(error)
    if status in (401, 403):
        return UserError(
            f"{url} refuses: {status} ({message(error)}): the token in KFP_TOKEN is missing, wrong or expired, or lacks "
            "the rights for this in this namespace (--namespace)"
        )
    if status == 404:
        return UserError(
            f"{url} does not know this: 404 ({message(error)}). Either it does not exist, or the server is older than "
            "KFP 2.0, whose API v2beta1 Boxwright needs, or --host lacks the path that leads to KFP"
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
        f"no KFP server answers at {url} ({why or message(error)}); is the address right, and the port-forward still "
        "running?"
    )


def is_transient(error: Exception) -> bool:
    """Whether the same request may succeed a moment later."""
    import requests
    import urllib3

    if (status := status_of(error)) is not None:
        return status in BUSY
    lost = (ConnectionError, TimeoutError, requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError)
    lost += (requests.exceptions.ChunkedEncodingError, requests.exceptions.JSONDecodeError)  # half an answer
    return isinstance(error, lost) and not refused(error)


def refused(error: BaseException) -> bool:
    """Whether waiting is of no use: nothing listens there, the name is unknown, or TLS fails."""
    cut_off = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    return any(
        isinstance(cause, ConnectionRefusedError)
        or (isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN)
        or (isinstance(cause, ssl.SSLError) and not isinstance(cause, cut_off))
        for cause in causes(error)
    )


def causes(error: BaseException) -> list[BaseException]:
    """The error and all errors that it came from. requests and urllib3 keep them in attributes and arguments."""
    found: list[BaseException] = []
    todo: list[Any] = [error]
    while todo:
        if isinstance(one := todo.pop(), BaseException) and one not in found:
            found.append(one)
            todo += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
    return found


def message(error: Exception) -> str:
    """The server's message, else the error's, in one line."""
    body = getattr(error, "body", None) or getattr(getattr(error, "response", None), "content", b"")
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    said = text if text and "<" not in text else getattr(error, "reason", None) or error
    with contextlib.suppress(ValueError, AttributeError):
        words = json.loads(text)
        said = words.get("message") or words.get("error_message") or words.get("error") or said
    return " ".join(str(said).split())[:300]


def status_of(error: Exception) -> int | None:
    """The HTTP status of an answer that is an error; None when there was no answer."""
    status = getattr(error, "status", None) or getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def is_about_the_request(error: Exception) -> bool:
    """Whether an error is about the request. All errors of requests are OSErrors, even a missing file of certificates."""
    import urllib3

    return isinstance(error, OSError | urllib3.exceptions.HTTPError) or status_of(error) is not None

"""Errors of requests to a server: which ones are temporary, and what they mean for the user."""

import contextlib
import json
import re
import socket
import ssl
from typing import Any

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets

# HTTP statuses of a server that is busy or restarting. 0: no response.
BUSY = (0, 408, 425, 429, 500, 502, 503, 504)
# Messages of KFP that come with one of these statuses, but are about the request or the cluster's settings (sources of 2.15 to
# 2.17: `GetWorkspacePVC`, `CreateRun` and `IsAuthorized` of the API server, and admission by Kubernetes).
STORAGE_CLASS = re.compile(r"storage ?class", re.IGNORECASE)
NO_USER = re.compile(r"user identity", re.IGNORECASE)
LASTING = re.compile(
    r"PVC spec must|ExecutionSpec|compile job|validate workflow|admission webhook|is forbidden|exceeded quota",
    re.IGNORECASE,
)


class NotFound(UserError):
    """The server answers 404."""


def explained(url: str, error: Exception) -> UserError:
    """A UserError that explains a failed request and says what to do."""
    status, said = status_of(error), message(error)
    if status:
        return _answered(url, status, said)
    if insecure := next((cause for cause in causes(error) if isinstance(cause, ssl.SSLError)), None):
        if isinstance(insecure, ssl.SSLCertVerificationError):
            why = f"its certificate is not trusted ({insecure.verify_message}); name the file with its authority in "
            return UserError(f"{url}: {why}REQUESTS_CA_BUNDLE")
        return UserError(f"{url} does not speak TLS ({insecure.reason}); is its address http://…?")
    why = next((cause.strerror for cause in causes(error) if isinstance(cause, OSError) and cause.strerror), None)
    return UserError(
        f"no KFP server answers at {url} ({why or said}); check the address, and that the port-forward is still running"
    )


def _answered(url: str, status: int, said: str) -> UserError:
    """Explains an answer with an error status."""
    if NO_USER.search(said):
        return UserError(
            f"{url} does not know who you are: {status} ({said}). KFP for several users takes the user from a header that "
            "Kubeflow's gateway adds: give the gateway's address (--host https://…/pipeline) with its token in KFP_TOKEN and "
            "your --namespace, not a port-forward past the gateway"
        )
    if STORAGE_CLASS.search(said):
        return UserError(
            f"{url} answers {status}: {said}. The pipeline asks for a workspace volume, and this server has no storage class for "
            "it: compile it without --workspace, or with --workspace --storage-class NAME"
        )
    if status in (401, 403):
        return UserError(
            f"{url} denies access: {status} ({said}): the token in KFP_TOKEN is missing, wrong or expired, or has no "
            "rights for this in this namespace (--namespace)"
        )
    if status == 404:
        return NotFound(
            f"{url}: not found: 404 ({said}). Either it does not exist, or the server is older than KFP 2.0 and lacks "
            f"the API v2beta1, or --host lacks the path of KFP on this server{_pipeline(url)}"
        )
    return UserError(f"{url} answers {status}: {said}")


def no_json(url: str, page: str) -> UserError:
    """Explains an answer that is a web page instead of KFP's JSON."""
    if "password" in page.lower():
        return UserError(f"{url} answers with a sign-in page: set KFP_TOKEN, or renew it if it has expired")
    return UserError(
        f"{url} answers with a web page instead of KFP's answer. Either it is a sign-in page: set KFP_TOKEN, or renew it if it "
        f"has expired; or --host lacks the path of KFP on this server{_pipeline(url)}"
    )


def _pipeline(url: str) -> str:
    """The path that KFP has in Kubeflow, unless the address has it."""
    return "" if url.endswith("/pipeline") else f", which in Kubeflow is /pipeline: --host {url}/pipeline"


def is_transient(error: Exception) -> bool:
    """Whether the same request may succeed if it is repeated."""
    import requests
    import urllib3

    if (status := status_of(error)) is not None:
        return status in BUSY and not any(one.search(message(error)) for one in (NO_USER, STORAGE_CLASS, LASTING))
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

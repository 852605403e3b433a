"""The connection to a server: tries again what a bad line or a busy server lost, makes nothing twice, says what is wrong."""

import contextlib
import io
import json
import os
import socket
import ssl
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from boxwright.core.runtime.errors import UserError

T = TypeVar("T")

# Seconds: for one answer; between tries, doubling up to the second; for all tries of one question.
ANSWER, FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP = 60.0, 1.0, 20.0, 180.0
BUSY = (0, 408, 425, 429, 500, 502, 503, 504)
PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Address:
    host: str = ""
    """Address of the KFP server, such as http://localhost:8080 of a port-forward. Default: the environment's KFP_HOST."""
    namespace: str = ""
    """Your namespace, where the server has several users."""

    # The token is never a flag: the list of processes shows those to everybody.
    @property
    def token(self) -> str:
        """Raises UserError for what cannot be one."""
        token = os.environ.get("KFP_TOKEN", "").strip()
        if not (token.isascii() and token.isprintable()):
            raise UserError("KFP_TOKEN holds what no token does (a line's end, a letter beyond ASCII); set it anew")
        return token

    @property
    def url(self) -> str:
        """Raises UserError without one that can be asked. What follows # in a browser's line is the page, not the server."""
        host = (self.host or os.environ.get("KFP_HOST", "")).partition("#")[0].strip()
        if not host:
            raise UserError(
                "no server is named: give --host http://… or set KFP_HOST. For one that only the cluster sees: "
                "kubectl port-forward --namespace kubeflow service/ml-pipeline-ui 8080:80, then --host http://localhost:8080"
            )
        url = host if "://" in host else f"https://{host}"
        with contextlib.suppress(ValueError):  # a half of [::1]
            if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname:
                return url.rstrip("/")
        raise UserError(f"--host {host}: this is no address of a server; expected one such as http://localhost:8080")


class Server:
    """kfp.Client behind `call` and `create`; `url` is for links."""

    def __init__(self, address: Address) -> None:
        self.url, self.namespace = address.url, address.namespace or None
        self.told = self.reached = False
        self.client = _client(self, address, self._health(address))
        self.api = self.client._run_api.api_client  # kfp.Client gives no way to limit how long it waits for an answer
        self.api.call_api = self._answered(self.api.call_api)

    def call(self, ask: Callable[[], T]) -> T:
        """Asks until there is an answer; for questions that change nothing. Raises UserError."""
        from google.api_core.exceptions import RetryError
        from google.api_core.retry import Retry

        patient = Retry(
            predicate=lambda error: is_transient(error) or (self.reached and refused(error)),
            initial=FIRST_PAUSE,
            maximum=LONGEST_PAUSE,
            multiplier=2.0,
            timeout=GIVE_UP,
            on_error=self._told,
        )
        try:
            return patient(ask)()
        except RetryError as error:
            raise self._explained(error.cause) from None
        except Exception as error:
            if not _is_answer(error):
                raise
            raise self._explained(error) from None

    def create(self, look: Callable[[], T | None], make: Callable[[], Any]) -> T:
        """Makes a thing once. A request whose answer was lost may have arrived: each try first looks whether it is there."""

        def attempt() -> T:
            if (found := look()) is not None:
                return found
            try:
                with contextlib.redirect_stdout(io.StringIO()):  # kfp.Client prints links of its own
                    make()
            except Exception as error:
                if getattr(error, "status", None) != 409:  # it is there already: an earlier try was slow, not lost
                    raise
            if (found := look()) is None:
                raise ConnectionResetError("the server said that it was made, but does not list it")
            return found

        return self.call(attempt)

    def _health(self, address: Address) -> dict[str, Any]:
        """What the server says of itself; asked before kfp.Client does, which tries long and says little. Raises UserError."""
        import requests

        headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}

        def ask() -> requests.Response:
            answer = requests.get(f"{self.url}/apis/v2beta1/healthz", headers=headers, timeout=ANSWER)
            answer.raise_for_status()
            return answer

        answer = self.call(ask)
        with contextlib.suppress(ValueError):
            if isinstance(health := answer.json(), dict):
                self.reached = True  # from now on a port-forward that is away may come again
                return health
        raise self._signed_out()

    def _answered(self, call: Callable[..., T]) -> Callable[..., T]:
        """kfp's way of asking, which waits for an answer only so long, and takes no page to sign in for one: a gateway sends
        that, with status 200, when a token has run out, and kfp would read a run without a state from it."""

        def ask(*args: Any, **options: Any) -> T:
            answer = call(*args, **options | {"_request_timeout": options.get("_request_timeout") or ANSWER})
            if "json" not in self.api.last_response.getheader("Content-Type", ""):
                raise self._signed_out()
            return answer

        return ask

    def _signed_out(self) -> UserError:
        return UserError(
            f"{self.url} answers, but with a page to sign in, not as KFP does: set KFP_TOKEN, anew where it has run out"
        )

    def _told(self, error: Exception) -> None:
        """Once: whoever waits wants to know for what."""
        if not self.told:
            print(
                f"warning: {self.url}: {message(error)}; trying again for {GIVE_UP:.0f} s", file=sys.stderr, flush=True
            )
        self.told = True

    def _explained(self, error: Exception) -> UserError:
        status = _status(error)
        if status in (401, 403):
            return UserError(
                f"{self.url} refuses: {status} ({message(error)}): the token in KFP_TOKEN is missing, wrong or too old, or may "
                "not do this in this namespace (--namespace)"
            )
        if status == 404:
            return UserError(
                f"{self.url} does not know this: 404 ({message(error)}). Either it is not there, or the server is older than "
                "KFP 2.0, whose API v2beta1 Boxwright needs, or --host lacks a path that leads to KFP"
            )
        if status:
            return UserError(f"{self.url} answers {status}: {message(error)}")
        if insecure := next((cause for cause in causes(error) if isinstance(cause, ssl.SSLError)), None):
            if isinstance(insecure, ssl.SSLCertVerificationError):
                why = f"its certificate is not trusted ({insecure.verify_message}); name the file of who signed it in "
                return UserError(f"{self.url}: {why}REQUESTS_CA_BUNDLE")
            return UserError(f"{self.url} does not speak TLS ({insecure.reason}); is its address http://…?")
        why = next((cause.strerror for cause in causes(error) if isinstance(cause, OSError) and cause.strerror), None)
        return UserError(
            f"no KFP server answers at {self.url} ({why or message(error)}); is the address right, and the port-forward still "
            "running?"
        )


def _client(server: Server, address: Address, health: Mapping[str, Any]):
    """kfp.Client, which is spared asking for the server's health (on a bad line it would do so for half a minute), by the proxy
    and the trusted certificates that the environment names for requests."""
    import kfp
    import kfp_server_api
    import requests

    class Client(kfp.Client):
        def get_kfp_healthz(self, sleep_duration: int = 5):
            return kfp_server_api.V2beta1GetHealthzResponse(multi_user=health.get("multi_user", False))

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This client only works with", category=FutureWarning)
        settings = requests.Session().merge_environment_settings(server.url, {}, None, None, None)
        proxy, trusted = requests.utils.select_proxy(server.url, settings["proxies"]), settings["verify"]
        proxy = proxy and requests.utils.prepend_scheme_if_needed(proxy, "http")
        client = Client(
            host=server.url,
            existing_token=address.token or None,
            proxy=proxy,
            ssl_ca_cert=trusted if isinstance(trusted, str) else None,
        )
    if proxy:
        pool = client._run_api.api_client.rest_client.pool_manager
        pool.proxy_headers.update(requests.adapters.HTTPAdapter().proxy_headers(proxy))
    return client


def is_transient(error: Exception) -> bool:
    """Whether the same request may go well a moment later."""
    import requests
    import urllib3

    if (status := _status(error)) is not None:
        return status in BUSY
    lost = (ConnectionError, TimeoutError, requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError)
    lost += (requests.exceptions.ChunkedEncodingError, requests.exceptions.JSONDecodeError)  # half an answer
    return isinstance(error, lost) and not refused(error)


def refused(error: BaseException) -> bool:
    """Whether nobody listens there, or not in a way that will do: no use in waiting."""
    cut_off = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    return any(
        isinstance(cause, ConnectionRefusedError)
        or (isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN)
        or (isinstance(cause, ssl.SSLError) and not isinstance(cause, cut_off))
        for cause in causes(error)
    )


def causes(error: BaseException) -> list[BaseException]:
    """The error and those that it came from; requests and urllib3 hide them in attributes and arguments."""
    found, todo = [], [error]
    while todo:
        if isinstance(one := todo.pop(), BaseException) and one not in found:
            found.append(one)
            todo += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
    return found


def message(error: Exception) -> str:
    """The server's own words, else the error's, in one line."""
    body = getattr(error, "body", None) or getattr(getattr(error, "response", None), "content", b"")
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    said = text if text and "<" not in text else getattr(error, "reason", None) or error
    with contextlib.suppress(ValueError, AttributeError):
        words = json.loads(text)
        said = words.get("message") or words.get("error_message") or words.get("error") or said
    return " ".join(str(said).split())[:300]


def pages(listed: Callable[..., Any], field: str, **options: Any) -> Iterator[Any]:
    """All items of a listing, newest first, page after page."""
    token = ""
    while True:
        page = listed(page_token=token, page_size=PAGE, sort_by="created_at desc", **options)
        yield from getattr(page, field) or ()
        token = page.next_page_token
        if not token:
            return


def _status(error: Exception) -> int | None:
    """The HTTP status of an answer that is an error; None when there was no answer."""
    status = getattr(error, "status", None) or getattr(getattr(error, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _is_answer(error: Exception) -> bool:
    """requests' own errors are OSErrors, too, among them that of a file of certificates that is not there."""
    import urllib3

    return isinstance(error, OSError | urllib3.exceptions.HTTPError) or _status(error) is not None

"""The connection to a server: retries failed requests, creates nothing twice, and explains errors."""

import contextlib
import io
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from boxwright.cluster import request_errors
from boxwright.cluster.connection import health
from boxwright.cluster.connection.address import Address
from boxwright.core.runtime.secrets import without_secrets

T = TypeVar("T")

# Seconds: to wait for one response, between the first two attempts, at most between later ones, and for all attempts together.
ANSWER, FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP = 60.0, 1.0, 20.0, 180.0
# Seconds: for a request that creates something and is answered with status 500. The server's database may be away for a moment,
# but most of these answers are about the request itself.
CREATION = 30.0
PAGE = 100


class Server:
    """A kfp.Client with retries: `call` and `create`. url: for links; address: for requests, perhaps with a password."""

    def __init__(self, address: Address) -> None:
        self.namespace = address.namespace or None
        self.address = health.choose(address.urls)
        self.url = without_secrets(self.address)
        if address.token and len(address.urls) > 1:
            health.refuse_open_token(self.address)
        self.warned = self.reached = False
        self.health = self._health(address)
        self.url = without_secrets(self.address)  # it may have moved
        self.client = _client(self, address)
        self.api = self.client._run_api.api_client  # kfp.Client has no time limit for an answer
        self.api.call_api = self._answered(self.api.call_api)

    def require_version(self) -> None:
        """Raises UserError for a server older than KFP 2.15."""
        health.require_version(self.url, self.health)

    def call(self, ask: Callable[[], T], broken: float = GIVE_UP) -> T:
        """Retries a request until there is a response. Only for requests that change nothing. Raises UserError.

        broken: for how many seconds a response with status 500 is retried."""
        from google.api_core.exceptions import RetryError
        from google.api_core.retry import Retry

        begin = time.monotonic()

        def may_pass(error: Exception) -> bool:
            if request_errors.status_of(error) == 500 and time.monotonic() - begin > broken:
                return False
            return request_errors.is_transient(error) or (self.reached and request_errors.refused(error))

        patient = Retry(
            predicate=may_pass,
            initial=FIRST_PAUSE,
            maximum=LONGEST_PAUSE,
            multiplier=2.0,
            timeout=GIVE_UP,
            on_error=self._warn_once,
        )
        try:
            return patient(ask)()
        except RetryError as error:
            raise request_errors.explained(self.url, error.cause) from None
        except Exception as error:
            if not request_errors.is_about_the_request(error):
                raise
            raise request_errors.explained(self.url, error) from None

    def create(self, look: Callable[[], T | None], make: Callable[[], Any]) -> T:
        """Creates an object exactly once. A response may get lost, so each attempt first checks whether the object exists."""

        def attempt() -> T:
            if (found := look()) is not None:
                return found
            try:
                with contextlib.redirect_stdout(io.StringIO()):  # kfp.Client prints links of its own
                    make()
            except Exception as error:
                exists = getattr(error, "status", None) == 409  # an earlier attempt was slow, not lost
                if not exists:
                    raise
            if (found := look()) is None:
                raise ConnectionResetError("the server reported that it was created, but does not list it")
            return found

        return self.call(attempt, broken=CREATION)

    def get(self, path: str, **query: str) -> Any:
        """The JSON of a request to the API, with fields that kfp's client does not know."""
        asked = {"query_params": list(query.items()), "response_type": "object", "auth_settings": ["Bearer"]}
        return self.call(lambda: self.api.call_api(path, "GET", _return_http_data_only=True, **asked))

    def _health(self, address: Address) -> Mapping[str, Any]:
        """The server's health response. kfp.Client would retry for long and give no useful error. Raises UserError."""
        import requests

        headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}

        def ask() -> Any:
            answer = requests.get(f"{self.address}/{health.PATH}", headers=headers, timeout=ANSWER)
            answer.raise_for_status()
            with contextlib.suppress(ValueError):
                if isinstance(found := answer.json(), dict):
                    health.require_ready(found)
                    self.address = health.moved(self.address, answer.url) if answer.history else self.address
                    return found
            raise request_errors.no_json(self.url, answer.text)

        found = self.call(ask)
        self.reached = True  # from now on, a refused connection may be a port-forward that restarts
        return found

    def _answered(self, call: Callable[..., T]) -> Callable[..., T]:
        """kfp's own `call` with a time limit. It raises UserError for a web page.

        If a token has expired, a gateway sends a sign-in page with status 200. kfp would parse it as a run without a state.
        """

        def ask(*args: Any, **options: Any) -> T:
            answer = call(*args, **options | {"_request_timeout": options.get("_request_timeout") or ANSWER})
            if "json" not in self.api.last_response.getheader("Content-Type", ""):
                raise request_errors.no_json(self.url, str(self.api.last_response.data))
            return answer

        return ask

    def _warn_once(self, error: Exception) -> None:
        """Prints once why the user has to wait."""
        if not self.warned:
            print(
                f"warning: {self.url}: {request_errors.message(error)}; retrying for up to {GIVE_UP:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        self.warned = True


def _client(server: Server, address: Address) -> Any:
    """kfp.Client with the proxy and the trusted certificates from the environment, as for requests.

    It uses the health response that we have. Otherwise it would retry its own request for half a minute.
    """
    import kfp
    import kfp_server_api
    import requests
    from requests.adapters import HTTPAdapter
    from requests.utils import prepend_scheme_if_needed, select_proxy

    class Client(kfp.Client):
        def get_kfp_healthz(self, sleep_duration: int = 5) -> Any:
            return kfp_server_api.V2beta1GetHealthzResponse(multi_user=server.health.get("multi_user", False))

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="This client only works with", category=FutureWarning)
        settings = requests.Session().merge_environment_settings(server.address, {}, None, None, None)
        proxy, trusted = select_proxy(server.address, settings["proxies"]), settings["verify"]
        proxy = proxy and prepend_scheme_if_needed(proxy, "http")
        client = Client(
            host=server.address,
            existing_token=address.token or None,
            proxy=proxy,
            ssl_ca_cert=trusted if isinstance(trusted, str) else None,
        )
    if proxy:
        pool: Any = client._run_api.api_client.rest_client.pool_manager
        pool.proxy_headers.update(HTTPAdapter().proxy_headers(proxy))
    return client


def pages(listed: Callable[..., Any], field: str, **options: Any) -> Iterator[Any]:
    """All items of a listing, newest first, page after page."""
    token = ""
    while True:
        page = listed(page_token=token, page_size=PAGE, sort_by="created_at desc", **options)
        yield from getattr(page, field) or ()
        token = page.next_page_token
        if not token:
            return

"""The connection to a server: retries failed requests, creates nothing twice, and explains errors."""

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from boxwright.cluster import request_errors
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets
from boxwright.core.storage import uri

T = TypeVar("T")

# Seconds: to wait for one response, between the first two attempts, at most between later ones, and for all attempts together.
ANSWER, FIRST_PAUSE, LONGEST_PAUSE, GIVE_UP = 60.0, 1.0, 20.0, 180.0
PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Address:
    host: str = ""
    """Address of the KFP server, such as http://localhost:8080 for a port-forward. Default: the environment variable KFP_HOST."""
    namespace: str = ""
    """Your namespace, for a server with several users."""

    # The token is not a flag, because every user of a machine can read the flags of its processes.
    @property
    def token(self) -> str:
        """The token in KFP_TOKEN; empty if it is not set. Raises UserError for a text that cannot be a token."""
        token = os.environ.get("KFP_TOKEN", "").strip()
        if not (token.isascii() and token.isprintable()):
            raise UserError("KFP_TOKEN is not a token: it has a line break or a character outside ASCII; set it again")
        return token

    @property
    def url(self) -> str:
        """The server's address, without the part after # of a copied browser address. Raises UserError if there is none."""
        host = (uri.whole(self.host) or os.environ.get("KFP_HOST", "")).partition("#")[0].strip()
        if not host:
            raise UserError(
                "no server address: give --host http://… or set KFP_HOST. To reach a server inside a cluster: "
                "kubectl port-forward --namespace kubeflow service/ml-pipeline-ui 8080:80, then --host http://localhost:8080"
            )
        url = host if "://" in host else f"https://{host}"
        with contextlib.suppress(ValueError):  # an incomplete IPv6 address
            if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname:
                return url.rstrip("/")
        raise UserError(f"--host {host}: this is not a server address; expected one such as http://localhost:8080")


class Server:
    """A kfp.Client with retries: `call` and `create`. url: for links; address: for requests, perhaps with a password."""

    def __init__(self, address: Address) -> None:
        self.address, self.namespace = address.url, address.namespace or None
        self.url = without_secrets(self.address)
        self.warned = self.reached = False
        self.client = _client(self, address, self._health(address))
        self.api = self.client._run_api.api_client  # kfp.Client has no time limit for an answer
        self.api.call_api = self._answered(self.api.call_api)

    def call(self, ask: Callable[[], T]) -> T:
        """Retries a request until there is a response. Only for requests that change nothing. Raises UserError."""
        from google.api_core.exceptions import RetryError
        from google.api_core.retry import Retry

        patient = Retry(
            predicate=lambda error: (
                request_errors.is_transient(error) or (self.reached and request_errors.refused(error))
            ),
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

        return self.call(attempt)

    def _health(self, address: Address) -> dict[str, Any]:
        """The server's health response. kfp.Client would retry for long and give no useful error. Raises UserError."""
        import requests

        headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}

        def ask() -> requests.Response:
            answer = requests.get(f"{self.address}/apis/v2beta1/healthz", headers=headers, timeout=ANSWER)
            answer.raise_for_status()
            return answer

        answer = self.call(ask)
        with contextlib.suppress(ValueError):
            if isinstance(health := answer.json(), dict):
                self.reached = True  # from now on, a refused connection may be a port-forward that restarts
                return health
        raise self._signed_out()

    def _answered(self, call: Callable[..., T]) -> Callable[..., T]:
        """kfp's own `call` with a time limit. It raises UserError for a sign-in page.

        If a token has expired, a gateway sends a sign-in page with status 200. kfp would parse it as a run without a state.
        """

        def ask(*args: Any, **options: Any) -> T:
            answer = call(*args, **options | {"_request_timeout": options.get("_request_timeout") or ANSWER})
            if "json" not in self.api.last_response.getheader("Content-Type", ""):
                raise self._signed_out()
            return answer

        return ask

    def _signed_out(self) -> UserError:
        return UserError(f"{self.url} answers with a sign-in page: set KFP_TOKEN, or renew it if it has expired")

    def _warn_once(self, error: Exception) -> None:
        """Prints once why the user has to wait."""
        if not self.warned:
            print(
                f"warning: {self.url}: {request_errors.message(error)}; retrying for {GIVE_UP:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        self.warned = True


def _client(server: Server, address: Address, health: Mapping[str, Any]) -> Any:
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
            return kfp_server_api.V2beta1GetHealthzResponse(multi_user=health.get("multi_user", False))

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

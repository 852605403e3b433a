"""The address of a server, as users copy it: without a scheme, from the browser, with the path of a page."""

import contextlib
import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import uri

# What browsers show after KFP's own path: parameters, a page of the UI, and the API.
_PAGE = re.compile(r"[?#].*|/apis/v\d.*", re.DOTALL)


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
        """The address, with https if the user names no scheme. Raises UserError if there is none."""
        given = self._given
        host = _PAGE.sub("", given).strip().rstrip("/")
        if not host:
            raise UserError(
                "no server address: give --host http://… or set KFP_HOST. To reach a server inside a cluster: "
                "kubectl port-forward --namespace kubeflow service/ml-pipeline-ui 8080:80, then --host http://localhost:8080"
            )
        # Kubeflow's dashboard shows KFP's page, which is at /pipeline, below /_/pipeline.
        host = re.sub(r"/_/pipeline$", "/pipeline", host)
        url = host if "://" in given else f"https://{host}"
        if _is_address(url):
            return url
        raise UserError(f"--host {given}: this is not a server address; expected one such as http://localhost:8080")

    @property
    def urls(self) -> list[str]:
        """The addresses to try: two if the user names no scheme. Raises UserError if there is none."""
        return [self.url] if "://" in self._given else [self.url, self.url.replace("https", "http", 1)]

    @property
    def _given(self) -> str:
        return (uri.whole(self.host) or os.environ.get("KFP_HOST", "")).strip()


def _is_address(url: str) -> bool:
    with contextlib.suppress(ValueError):  # an incomplete IPv6 address, or a port that is no number
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and not (parts.hostname or "0").isdecimal() and parts.port != 0
    return False

"""The health of a server: whether it is KFP, and which version.

The API server answers with `tag_name`, and KFP's UI with `apiServerTagName` and `apiServerReady` (backend/src/apiserver/main.go
and frontend/server/handlers/healthz.ts of KFP 2.15 to 2.17).
"""

import re
import ssl
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from boxwright.cluster.request_errors import causes
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets

PATH = "apis/v2beta1/healthz"
OLDEST = (2, 15)
# Seconds to wait for an answer to the question whether a server speaks TLS.
PROBE = 10.0


def choose(urls: Sequence[str]) -> str:
    """The first address where a server speaks the scheme; else the last one. No token is sent."""
    import requests

    for url in urls[:-1]:
        try:
            requests.get(f"{url}/{PATH}", timeout=PROBE, allow_redirects=False)
        except (requests.ConnectionError, requests.Timeout) as error:
            if not any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes(error)):
                continue
        except (OSError, ValueError):  # the request that counts explains it
            pass
        return url
    return urls[-1]


def moved(url: str, answered: str) -> str:
    """The address of a server that was found at `answered` after a redirection, such as from http to https.

    kfp's client would send every request to the old address, and lose the token on the way. It stays the old address if the new
    one is on another host or gives up TLS.
    """
    new = answered.removesuffix(f"/{PATH}")
    same = urlsplit(new).hostname == urlsplit(url).hostname and (
        new.startswith("https://") or url.startswith("http://")
    )
    return new if new != answered and same else url


def refuse_open_token(url: str) -> None:
    """Raises UserError for an address without encryption that the user did not ask for, unless it is on this machine."""
    host = urlsplit(url).hostname or ""
    if url.startswith("http://") and not (host in ("localhost", "::1") or host.startswith("127.")):
        raise UserError(
            f"{without_secrets(url)}: this server does not speak TLS, so others could read KFP_TOKEN on the way; write http:// "
            "before the host if you accept that"
        )


def require_ready(health: Mapping[str, Any]) -> None:
    """Raises requests.ConnectionError while KFP's UI cannot reach the API server. It is worth waiting for."""
    import requests

    if health.get("apiServerReady") is False:
        raise requests.ConnectionError("KFP's UI answers, but its API server does not")


def require_version(url: str, health: Mapping[str, Any]) -> None:
    """Raises UserError for a server older than KFP 2.15.

    Released images up to 2.15 have the tag `unknown`. KFP 2.14 and newer name their store, so an older one is recognised by that.
    """
    tag = str(health.get("tag_name") or health.get("apiServerTagName") or "unknown")
    found = re.match(r"v?(\d+)\.(\d+)", tag)
    if tuple(map(int, found.groups())) < OLDEST if found else not {"pipeline_store", "pipelineStore"} & health.keys():
        raise UserError(
            f"{url} is KFP {tag[:50] if found else 'before 2.14'}, but Boxwright's pipelines need 2.15 or newer: an older server "
            "drops their volumes, GPUs, secrets and time limits without a word"
        )

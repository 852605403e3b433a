"""The client for S3: its credentials, its endpoint, and how long it retries."""

import functools
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from boxwright.core.runtime.errors import UserError

if TYPE_CHECKING:
    from botocore.client import BaseClient

# Where the pipelines mount the optional secret `boxwright-bucket`. Its keys have the names of the variables.
SECRET = Path("/secrets/boxwright")
_KEYS = {
    "aws_access_key_id": "AWS_ACCESS_KEY_ID",
    "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY",
    "aws_session_token": "AWS_SESSION_TOKEN",
}


def client(seconds: float, connections: int) -> "BaseClient":
    """A client with the machine's own credentials, else none. A public bucket needs none.

    Keys come from the variables, else from the mounted secret, else from AWS's own chain: profiles, web identity (IRSA), pod
    identity, instance role. The endpoint is AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, from the variables or the secret.

    seconds: about how long a request is retried; connections: at once.
    Raises UserError for an endpoint that is no address.
    """
    variables = tuple(sorted((key, value) for key, value in os.environ.items() if key.startswith("AWS_")))
    return _client(seconds, connections, variables)


@functools.lru_cache(maxsize=8)
def _client(seconds: float, connections: int, variables: tuple[tuple[str, str], ...]) -> "BaseClient":
    """variables: those that AWS's chain reads. A client takes a tenth of a second to make, and serves all threads."""
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config

    keys = {} if os.environ.get("AWS_ACCESS_KEY_ID") else {key: _mounted(name) for key, name in _KEYS.items()}
    session = boto3.Session(**keys, region_name=_setting("AWS_REGION", "AWS_DEFAULT_REGION"))
    attempts = 1 + round(math.log2(1 + seconds))  # the wait between two attempts is doubled each time
    config = Config(
        signature_version=UNSIGNED if session.get_credentials() is None else None,
        retries={"mode": "standard", "total_max_attempts": attempts},
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=connections,
        # Every store compares the body with its signature. Not every store knows the checksums that AWS added later.
        request_checksum_calculation="when_required",
        s3={"payload_signing_enabled": True},
    )
    try:
        return session.client("s3", endpoint_url=endpoint(), verify=_setting("AWS_CA_BUNDLE"), config=config)
    except ValueError as error:
        raise UserError(
            f"AWS_ENDPOINT_URL: {error}; give an address such as http://minio-service.kubeflow:9000"
        ) from None


# A process that was forked would share its parent's connections.
os.register_at_fork(after_in_child=_client.cache_clear)


def endpoint() -> str | None:
    """The address of a store that is not AWS's, if a variable or the secret has it. A profile of AWS may have one, too."""
    return _setting("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


def requester_pays() -> dict[str, str]:
    """The argument of each request to a bucket whose requester pays, if AWS_REQUEST_PAYER=requester says that we do."""
    return {"RequestPayer": "requester"} if os.environ.get("AWS_REQUEST_PAYER") == "requester" else {}


def _setting(*names: str) -> str | None:
    return next((os.environ[name] for name in names if os.environ.get(name)), None) or next(
        filter(None, map(_mounted, names)), None
    )


def _mounted(name: str) -> str | None:
    """A key of the mounted secret; None if it does not have it."""
    try:
        return (SECRET / name).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError):
        return None

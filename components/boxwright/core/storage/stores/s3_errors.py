"""Turns the errors of S3's client into sentences."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError, brief
from boxwright.core.storage.stores import s3_client

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_ABSENT = ("NoSuchBucket", "NoSuchKey", "NoSuchVersion", "404", "NotFound")
_BUSY = ("SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "Throttling", "TooManyRequests")
_ELSEWHERE = ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "307")
_DENIED = (
    "on a machine run `aws configure` or `aws sso login`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in a cluster, "
    "create the secret boxwright-bucket with these keys, or give the pods' service account a role"
)
# What to do about an answer that refuses a request, by its code.
_REFUSED = {
    "ExpiredToken": "the credentials have expired; get new ones, with `aws sso login` for example",
    "ExpiredTokenException": "the credentials have expired; get new ones, with `aws sso login` for example",
    "TokenRefreshRequired": "the credentials have expired; get new ones, with `aws sso login` for example",
    "InvalidToken": "AWS_SESSION_TOKEN is wrong or does not belong to the access key; get new credentials",
    "InvalidAccessKeyId": "the store does not know the access key; check AWS_ACCESS_KEY_ID, and whether AWS_ENDPOINT_URL fits it",
    "InvalidObjectState": "the object is in an archive (Glacier); restore it first",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key; check AWS_SECRET_ACCESS_KEY",
    "RequestTimeTooSkewed": "the clock of this machine is wrong, and the store refuses its signatures; set the clock",
}


def code_of(error: "ClientError") -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: "ClientError") -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def explained(uri: str, done: str) -> Iterator[None]:
    """Turns errors of S3's client into a UserError of one line. done: the failed action, as in "cannot be fetched"."""
    from boto3.exceptions import Boto3Error
    from botocore import exceptions as known
    from botocore.parsers import ResponseParserError

    no_credentials = (
        known.NoCredentialsError,
        known.PartialCredentialsError,
        known.CredentialRetrievalError,
        known.TokenRetrievalError,
        known.SSOError,
        known.ProfileNotFound,
        known.ConfigParseError,
    )
    try:
        yield
    except known.ClientError as error:
        raise _answered(uri, done, error) from None
    except no_credentials as error:
        raise NotAllowed(f"{uri} cannot be {done}: no valid credentials ({brief(error)}); {_DENIED}") from None
    except known.SSLError as error:
        raise Unreachable(
            f"{uri} cannot be {done}: no trusted connection by TLS ({brief(error)}); if the store has a certificate of its own, "
            "set AWS_CA_BUNDLE to the file of the authority that signed it"
        ) from None
    except (known.ConnectionError, known.HTTPClientError, known.IncompleteReadError) as error:
        raise Unreachable(f"{uri} cannot be {done}: {brief(error)}{_at_endpoint()}") from None
    except ResponseParserError as error:
        raise UserError(
            f"{uri} cannot be {done}: what answers is not S3 ({brief(error)}); check AWS_ENDPOINT_URL"
        ) from None
    except (known.BotoCoreError, Boto3Error) as error:
        raise UserError(f"{uri} cannot be {done}: {brief(error)}") from None


def _answered(uri: str, done: str, error: "ClientError") -> UserError:
    """The error for an answer of the store."""
    code, status = code_of(error), status_of(error)
    failed, said = f"{uri} cannot be {done}", brief(error.response.get("Error", {}).get("Message") or error)
    if code in _ABSENT:
        return UserError(f"{uri}: there is no such bucket or object{_at_endpoint()}")
    if code in _BUSY or status >= 500 or status == 429:
        return Unreachable(f"{failed}: the store is busy or has failed ({code}: {said}){_at_endpoint()}")
    if code in _ELSEWHERE:
        return UserError(f"{failed}: the bucket is in another region ({said}); set AWS_REGION{_region(error)}")
    if code in _REFUSED:
        return NotAllowed(f"{failed}: {_REFUSED[code]} ({code})")
    if status in (401, 403):
        return NotAllowed(
            f"{failed}: access is denied ({code}: {said}); {_DENIED}; if the requester pays, set AWS_REQUEST_PAYER=requester"
        )
    return UserError(f"{failed}: {code}: {said}")


def _region(error: "ClientError") -> str:
    """The region of the bucket, if the answer names it."""
    answer: Any = error.response
    named = answer.get("Error", {}).get("Region")
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = named or headers.get("x-amz-bucket-region")
    return f"={region}" if region else " to it"


def _at_endpoint() -> str:
    given = s3_client.endpoint()
    return f" (AWS_ENDPOINT_URL={given})" if given else ""

"""S3 over real HTTP: moto's server behind the proxy of bucket_proxy.py. It knows conditional writes, and signs nothing."""

import urllib.parse
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

import bucket_proxy
from bucket_proxy import NAME

from boxwright.core.runtime import environments

_CODES = {
    401: "AccessDenied",
    403: "AccessDenied",
    404: "NoSuchKey",
    412: "PreconditionFailed",
    500: "InternalError",
    503: "SlowDown",
}
# moto shows, replaces and deletes no private object for somebody without a name. It compares no signatures.
_SIGNED = "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=b"
# The variables of a user of this store.
VARIABLES = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}


def error(code: str, message: str = "said by the store", **more: str) -> bytes:
    """The body of an answer of S3 that refuses a request."""
    fields = {"Code": code, "Message": message, **more}
    return ("<Error>" + "".join(f"<{key}>{value}</{key}>" for key, value in fields.items()) + "</Error>").encode()


class Bucket(bucket_proxy.Bucket):
    uri = f"s3://{NAME}"
    checksum_headers = ("etag",)

    def made(self) -> bool:
        return self.request("PUT", f"/{NAME}")[0] == 200

    def put(self, name: str, body: bytes, encoding: str = "", **headers: str) -> None:
        about = {"Authorization": _SIGNED} | ({"Content-Encoding": encoding} if encoding else {})
        status, _, answer = self.request("PUT", _path(name), body, about | headers)
        assert status == 200, answer

    def delete(self, name: str) -> None:
        assert self.request("DELETE", _path(name), headers={"Authorization": _SIGNED})[0] < 300

    def read(self, name: str) -> bytes:
        status, _, body = self.request("GET", _path(name), headers={"Authorization": _SIGNED})
        assert status == 200, body
        return body

    def listed(self) -> list[str]:
        names: list[str] = []
        token = ""
        while True:
            query = (
                f"list-type=2&encoding-type=url&continuation-token={urllib.parse.quote(token)}"
                if token
                else "list-type=2&encoding-type=url"
            )
            page = ElementTree.fromstring(self.request("GET", f"/{NAME}?{query}")[2])
            names += [urllib.parse.unquote_plus(key.text or "") for key in page.iterfind("{*}Contents/{*}Key")]
            token = page.findtext("{*}NextContinuationToken", "")
            if not token:
                return names

    def cache_control(self, name: str) -> str:
        return dict(self.request("HEAD", _path(name), headers={"Authorization": _SIGNED})[1])["cache-control"]

    def what(self, method: str, path: str, body: bytes) -> tuple[str, str]:
        url = urllib.parse.urlparse(path)
        name = urllib.parse.unquote(url.path.removeprefix(f"/{NAME}").removeprefix("/"))
        kinds = {"PUT": "send", "POST": "send", "HEAD": "see", "DELETE": "see", "GET": "read" if name else "list"}
        return kinds[method], name

    def payer(self, path: str, headers: Mapping[str, str]) -> str:
        return next((value for key, value in headers.items() if key.lower() == "x-amz-request-payer"), "")

    def command(self, address: str) -> list[str]:
        return [str(python()), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]

    def error(self, status: int) -> bytes:
        return error(_CODES[status])

    def corrupted(self, body: bytes) -> bytes:
        return body[:-1] + bytes([body[-1] ^ 1])


def _path(name: str) -> str:
    return f"/{NAME}/{urllib.parse.quote(name, safe='')}"


def python() -> Path:
    """The data environment's Python, which has the server."""
    return environments.home() / "data" / "bin" / "python"


def is_installed() -> bool:
    return any((environments.home() / "data").glob("lib/*/site-packages/moto"))

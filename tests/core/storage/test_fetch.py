# environment: train
"""Fetching over real HTTP from a loopback server that misbehaves on request."""

import base64
import gzip
import hashlib
import http.server
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache, fetch, web

BODY = b"weights" * 1000


class Server(http.server.BaseHTTPRequestHandler):
    """/good, /busy (two 503 first), /corrupt (another file's MD5), /short (less than announced), /signed (for GET alone),
    /packed (on the way); anything else is a 404. says: headers of every answer; stop: ends the server."""

    asked: dict[str, int]
    says: dict[str, str]
    stop: Callable[[], None]

    def do_HEAD(self):
        self.send_response(403 if self.path == "/signed" else 200)
        for key, value in self.says.items() if self.path != "/signed" else ():
            self.send_header(key, value)
        self.end_headers()

    def do_GET(self):
        times = self.asked[self.path] = self.asked.get(self.path, 0) + 1
        found = self.path in ("/good", "/busy", "/corrupt", "/short", "/signed", "/packed")
        code = 503 if self.path == "/busy" and times <= 2 else 200 if found else 404
        body = gzip.compress(BODY) if self.path == "/packed" else BODY
        sent_body = body[:100] if self.path == "/corrupt" else body
        self.send_response(code)
        self.send_header("Content-Length", str(len(body) if code == 200 else 0))
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        if code == 503:
            self.send_header("Retry-After", "3600")
        for key, value in self.says.items():
            self.send_header(key, value)
        self.send_header("x-goog-hash", "crc32c=AAAAAA==")
        self.send_header("x-goog-hash", "md5=" + base64.b64encode(hashlib.md5(sent_body).digest()).decode())
        self.end_headers()
        if code == 200:
            self.wfile.write(body[:50] if self.path == "/short" else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(web, "_BACKOFF", 0.01)
    handler = type("Fresh", (Server,), {"asked": {}, "says": {}})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()

        def stop() -> None:
            listening.shutdown()
            thread.join()
            listening.server_close()

        handler.stop = staticmethod(stop)  # pyright: ignore[reportAttributeAccessIssue]  (declared in Server)
        yield f"http://127.0.0.1:{listening.server_port}", handler
        stop()


@pytest.mark.parametrize("says", [{}, {"ETag": '"1"'}, {"Last-Modified": "Wed, 25 Nov 2026 04:00:00 GMT"}])
def test_downloads_a_file_once(server, says, tmp_path):
    uri, handler = server
    handler.says = says
    first = fetch.file(f"{uri}/good")
    written = first.stat().st_ino
    assert fetch.file(f"{uri}/good") == first and first.read_bytes() == BODY
    assert first.stat().st_ino == written


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
def test_new_etag_or_date_is_a_new_file(server, name):
    uri, handler = server
    handler.says = {name: "one"}
    first, version = fetch.file(f"{uri}/good"), fetch.version(f"{uri}/good")
    handler.says = {name: "two"}
    assert fetch.version(f"{uri}/good") != version
    assert fetch.file(f"{uri}/good") != first and first.read_bytes() == BODY


def test_fetches_from_an_address_signed_for_get_only(server):
    uri, handler = server
    handler.says = {"ETag": "one"}
    assert fetch.file(f"{uri}/signed").read_bytes() == BODY and fetch.version(f"{uri}/signed") == "one"


def test_uses_the_kept_copy_with_a_warning_when_offline(server, capsys):
    uri, handler = server
    handler.says = {"ETag": "one"}
    kept = fetch.file(f"{uri}/good")
    assert not capsys.readouterr().err
    handler.stop()
    assert fetch.file(f"{uri}/good") == kept and fetch.version(f"{uri}/good") == "one"
    assert capsys.readouterr().err.startswith(f"warning: {uri}/good cannot be fetched: no connection")
    with pytest.raises(UserError, match="no connection"):
        fetch.file(f"{uri}/other")
    kept.unlink()
    with pytest.raises(UserError, match="no connection"):
        fetch.file(f"{uri}/good")


def test_reads_a_kept_copy_from_a_read_only_cache(server, monkeypatch):
    uri, handler = server
    handler.says = {"ETag": "one"}
    kept = fetch.file(f"{uri}/good")
    monkeypatch.setattr(cache, "staging", lambda uri: pytest.fail("nothing needs to be written"))
    assert fetch.file(f"{uri}/good") == kept


def test_unpacks_content_encoding(server):
    """The MD5 is computed over the packed bytes."""
    assert fetch.file(f"{server[0]}/packed").read_bytes() == BODY


@pytest.mark.parametrize("text", ["", "{}", "[]", "null"])
def test_damaged_record_counts_as_none(server, tmp_path, text):
    kept = fetch.file(f"{server[0]}/good")
    for record in (tmp_path / "cache/kept").iterdir():
        record.write_text(text)
    assert fetch.file(f"{server[0]}/good") == kept


def test_retries_a_busy_server_despite_a_long_retry_after(server, monkeypatch):
    monkeypatch.setattr(web, "_LONGEST_WAIT", 0.05)
    uri, handler = server
    assert fetch.file(f"{uri}/busy").read_bytes() == BODY
    assert handler.asked["/busy"] == 3


@pytest.mark.parametrize(("path", "said"), [("/corrupt", "MD5"), ("/short", "cannot be fetched"), ("/absent", "404")])
def test_refuses_damaged_short_and_absent_files(server, path, said, tmp_path):
    with pytest.raises(UserError, match=said):
        fetch.file(server[0] + path)
    assert not [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]


def test_unwritable_cache_is_named(server, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UserError, match=r"cannot be stored in .*: Not a directory; set BOXWRIGHT_CACHE"):
        fetch.file(f"{server[0]}/good")


def test_cache_of_a_user_without_a_home(monkeypatch, tmp_path):
    """For example in a container with another user id."""
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("BOXWRIGHT_CACHE", raising=False)
    monkeypatch.setattr("pwd.getpwuid", no_entry)
    with pytest.raises(UserError, match="no home folder"):
        cache.location()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.location() == tmp_path / "boxwright"
    monkeypatch.setenv("BOXWRIGHT_CACHE", "kept")
    assert cache.location() == Path("kept")
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("BOXWRIGHT_CACHE", "~/kept")
    assert cache.location() == Path("/home/somebody/kept")


def no_entry(uid: int):
    raise KeyError(uid)


def test_local_path_stays_itself(tmp_path):
    assert fetch.file(str(tmp_path)) == tmp_path
    with pytest.raises(UserError, match="no such file"):
        fetch.file(str(tmp_path / "absent"))

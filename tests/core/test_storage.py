"""Fetching over real HTTP from a loopback server that misbehaves on request."""

import base64
import hashlib
import http.server
import threading
from pathlib import Path

import pytest

from boxwright.core import storage
from boxwright.core.errors import UserError

BODY = b"weights" * 1000


class Server(http.server.BaseHTTPRequestHandler):
    """/good, /busy (two 503 first), /corrupt (another file's MD5), /short (less than announced); anything else is a 404."""

    asked: dict[str, int]

    def do_GET(self):
        times = self.asked[self.path] = self.asked.get(self.path, 0) + 1
        found = self.path in ("/good", "/busy", "/corrupt", "/short")
        code = 503 if self.path == "/busy" and times <= 2 else 200 if found else 404
        sent_body = BODY[:100] if self.path == "/corrupt" else BODY
        self.send_response(code)
        self.send_header("Content-Length", str(len(BODY) if code == 200 else 0))
        self.send_header("x-goog-hash", "crc32c=AAAAAA==")
        self.send_header("x-goog-hash", "md5=" + base64.b64encode(hashlib.md5(sent_body).digest()).decode())
        self.end_headers()
        if code == 200:
            self.wfile.write(BODY[:50] if self.path == "/short" else BODY)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    handler = type("Fresh", (Server,), {"asked": {}})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", handler.asked
        listening.shutdown()
        thread.join()


def test_a_file_is_fetched_once_and_then_kept(server):
    uri, asked = server
    first, second = storage.fetch(f"{uri}/good"), storage.fetch(f"{uri}/good")
    assert first == second and first.read_bytes() == BODY and asked["/good"] == 1


def test_a_busy_server_is_asked_again(server):
    uri, asked = server
    assert storage.fetch(f"{uri}/busy").read_bytes() == BODY
    assert asked["/busy"] == 3


@pytest.mark.parametrize(("path", "said"), [("/corrupt", "MD5"), ("/short", "cannot be fetched"), ("/absent", "404")])
def test_nothing_wrong_is_taken_for_right(server, path, said, tmp_path):
    with pytest.raises(UserError, match=said):
        storage.fetch(server[0] + path)
    assert not [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]


def test_a_cache_that_cannot_be_written(server, monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(UserError, match=r"cannot be kept in .*: Not a directory; set BOXWRIGHT_CACHE"):
        storage.fetch(f"{server[0]}/good")


def test_cache_of_a_user_without_a_home(monkeypatch, tmp_path):
    """As in a container started with a user id of its own."""
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("BOXWRIGHT_CACHE", raising=False)
    monkeypatch.setattr("pwd.getpwuid", no_entry)
    with pytest.raises(UserError, match="no home folder"):
        storage.cache()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert storage.cache() == tmp_path / "boxwright"
    monkeypatch.setenv("BOXWRIGHT_CACHE", "kept")
    assert storage.cache() == Path("kept")


def no_entry(uid: int):
    raise KeyError(uid)


def test_a_local_path_is_itself(tmp_path):
    assert storage.fetch(str(tmp_path)) == tmp_path
    with pytest.raises(UserError, match="no such file"):
        storage.fetch(str(tmp_path / "absent"))

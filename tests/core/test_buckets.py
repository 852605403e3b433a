"""Staging a folder over real HTTP from a loopback server that speaks the storage API and misbehaves on request."""

import base64
import hashlib
import http.server
import json
import socket
import threading
import urllib.parse

import pytest

from boxwright.core import buckets, storage
from boxwright.core.errors import UserError

google_crc32c = pytest.importorskip("google_crc32c")

OBJECTS = {
    "set/": b"",
    "set/instances.json": b'{"images": []}',
    "set/images/a.jpg": b"a" * 5000,
    "set/images/b.jpg": b"b" * 70000,
    "setting/other.txt": b"not below set/",
}


def crc32c(body: bytes) -> str:
    return base64.b64encode(google_crc32c.Checksum(body).digest()).decode()


class Bucket(http.server.BaseHTTPRequestHandler):
    """One bucket, `archive`. `faults`: object -> status codes answered before the real answer, `cut` for a connection that
    breaks in the middle of it, or for ever `corrupt` (bytes that belie their checksum) or `silent` (wrong ones without any)."""

    objects: dict[str, bytes]
    faults: dict[str, list]
    asked: list[str]

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = {key: values[0] for key, values in urllib.parse.parse_qs(url.query).items()}
        kind, _, name = url.path.partition("/b/archive/o")
        name = urllib.parse.unquote(name.lstrip("/"))
        if "/b/archive" not in url.path:
            return self.answer(404, b"{}")
        if kind.startswith("/download"):
            return self.media(name, query.get("generation"))
        if name:
            return self.answer(*((200, json.dumps(self.item(name))) if name in self.objects else (404, "{}")))
        prefix = query.get("prefix", "")
        return self.answer(200, json.dumps({"items": [self.item(n) for n in self.objects if n.startswith(prefix)]}))

    def item(self, name: str) -> dict:
        body = self.objects[name]
        generation = str(int(hashlib.md5(body).hexdigest()[:12], 16))
        item = {"name": name, "bucket": "archive", "size": str(len(body)), "generation": generation}
        return item | {"crc32c": crc32c(body)}

    def media(self, name: str, generation: str | None) -> None:
        self.asked.append(name)
        if name not in self.objects or generation not in (None, self.item(name)["generation"]):
            return self.answer(404, b"{}")
        fault, body = self.faults.get(name, []), self.objects[name]
        if fault and isinstance(fault[0], int):
            return self.answer(fault.pop(0), b"{}")
        sums = {"x-goog-hash": f"crc32c={crc32c(body)}"}
        if fault and fault[0] == "cut":
            fault.pop(0)
            self.answer(200, body[: len(body) // 2], sums | {"Content-Length": str(len(body))})
            return self.connection.shutdown(socket.SHUT_RDWR)
        if fault:
            return self.answer(200, body[::-1] + b"!", sums if fault[0] == "corrupt" else {})
        first, _, _ = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
        return self.answer(206 if int(first) else 200, body[int(first) :], sums)

    def answer(self, code: int, body: bytes | str, headers: dict | None = None) -> None:
        body = body.encode() if isinstance(body, str) else body
        self.send_response(code)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def bucket(monkeypatch, tmp_path):
    monkeypatch.setattr(buckets, "RETRY_SECONDS", 4.0)
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    handler = type("Fresh", (Bucket,), {"objects": dict(OBJECTS), "faults": {}, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield handler
        listening.shutdown()
        thread.join()


def files(folder) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


BELOW_SET = {name.removeprefix("set/"): body for name, body in OBJECTS.items() if name.startswith("set/") and body}


@pytest.mark.parametrize("uri", ["gs://archive/set", "gs://archive/set/"])
def test_a_folder_arrives_whole_and_without_its_neighbours(bucket, uri):
    assert files(storage.folder(uri)) == BELOW_SET


def test_a_whole_bucket(bucket):
    assert set(files(storage.folder("gs://archive"))) == {name for name, body in OBJECTS.items() if body}


def test_one_file_comes_with_what_lies_beside_it(bucket):
    path = storage.folder("gs://archive/set/instances.json")
    assert path.name == "instances.json" and files(path.parent) == BELOW_SET


def test_a_copy_is_kept_until_the_bucket_changes(bucket):
    first, second = storage.folder("gs://archive/set"), storage.folder("gs://archive/set")
    assert first == second and len(bucket.asked) == 3
    bucket.objects["set/images/a.jpg"] = b"new"
    changed = storage.folder("gs://archive/set")
    assert changed != first and (changed / "images/a.jpg").read_bytes() == b"new"


def test_a_busy_bucket_is_asked_again(bucket):
    bucket.faults["set/images/a.jpg"] = [503]
    assert files(storage.folder("gs://archive/set")) == BELOW_SET
    assert bucket.asked.count("set/images/a.jpg") == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"set/images/b.jpg": ["corrupt"]}, "not what the bucket holds"),
        ({"set/images/b.jpg": ["silent"]}, "not what the bucket holds"),
        ({"set/images/b.jpg": [503] * 99}, "cannot be fetched"),
        ({"set/images/b.jpg": ["cut"] * 99}, "cannot be fetched"),
        ({"set/images/b.jpg": [403]}, "boxwright-bucket"),
        ({"set/images/b.jpg": [404]}, "no such bucket or object"),
    ],
)
def test_nothing_half_or_wrong_is_left(bucket, fault, said, tmp_path):
    bucket.faults.update(fault)
    with pytest.raises(UserError, match=said):
        storage.folder("gs://archive/set")
    left = {name.partition(".part/")[2]: body for name, body in files(tmp_path / "cache").items()}
    assert left.items() <= BELOW_SET.items() and "images/b.jpg" not in left


def test_an_interrupted_copy_goes_on_where_it_was(bucket, tmp_path):
    bucket.faults["set/images/b.jpg"] = ["corrupt"]
    with pytest.raises(UserError):
        storage.folder("gs://archive/set")
    there = len(files(tmp_path / "cache"))
    bucket.faults.clear()
    bucket.asked.clear()
    assert files(storage.folder("gs://archive/set")) == BELOW_SET
    assert len(bucket.asked) == len(BELOW_SET) - there


def test_a_cut_connection_goes_on_at_its_byte(bucket):
    bucket.faults["set/images/b.jpg"] = ["cut"]
    assert files(storage.folder("gs://archive/set")) == BELOW_SET


def test_an_object_replaced_after_the_listing_is_not_taken_for_the_listed_one(bucket, monkeypatch):
    fetch = buckets._fetch

    def replaced(uri, blob, file):
        bucket.objects["set/images/a.jpg"] = b"another generation"
        return fetch(uri, blob, file)

    monkeypatch.setattr(buckets, "_fetch", replaced)
    with pytest.raises(UserError, match="no such bucket or object"):
        storage.folder("gs://archive/set")


@pytest.mark.parametrize(
    ("name", "said"),
    [("set/images//a.jpg", "would be one file"), ("set/./images/a.jpg", "would be one file"),
     ("set/images", "would be the folder of"), ("set//etc/a", "outside of its folder")],
)  # fmt: skip
def test_names_that_no_folder_can_hold(bucket, name, said):
    bucket.objects[name] = b"x"
    with pytest.raises(UserError, match=said):
        storage.folder("gs://archive/set")


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("gs://archive/nothing", "no object below it"),
        ("gs://elsewhere/set", "no such bucket"),
        ("s3://archive/set", "expected a path or a gs:// URI"),
    ],
)
def test_what_is_not_there(bucket, uri, said):
    with pytest.raises(UserError, match=said):
        storage.folder(uri)


def test_an_object_cannot_climb_out_of_its_folder(bucket):
    bucket.objects["set/../../evil.txt"] = b"evil"
    with pytest.raises(UserError, match="outside of its folder"):
        storage.folder("gs://archive/set")


def test_a_local_path_is_itself(tmp_path):
    assert storage.folder(str(tmp_path)) == tmp_path


def test_initial_weights_from_a_bucket(bucket):
    assert storage.fetch("gs://archive/set/images/a.jpg").read_bytes() == OBJECTS["set/images/a.jpg"]
    with pytest.raises(UserError, match="no such bucket or object"):
        storage.fetch("gs://archive/set/absent.npz")

"""Staging a folder over real HTTP from a loopback server that speaks the storage API and misbehaves on request."""

import base64
import hashlib
import http.server
import json
import threading
import urllib.parse

import pytest

from boxwright.core import storage
from boxwright.core.errors import UserError

OBJECTS = {
    "set/": b"",
    "set/instances.json": b'{"images": []}',
    "set/images/a.jpg": b"a" * 5000,
    "set/images/b.jpg": b"b" * 70000,
    "setting/other.txt": b"not below set/",
}


class Bucket(http.server.BaseHTTPRequestHandler):
    """One bucket, `archive`. `faults`: object -> status codes answered before the real answer, or `corrupt` for ever."""

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
            return self.media(name)
        if name:
            return self.answer(*((200, json.dumps(self.item(name))) if name in self.objects else (404, "{}")))
        prefix = query.get("prefix", "")
        return self.answer(200, json.dumps({"items": [self.item(n) for n in self.objects if n.startswith(prefix)]}))

    def item(self, name: str) -> dict:
        generation = str(int(hashlib.md5(self.objects[name]).hexdigest()[:12], 16))
        return {"name": name, "bucket": "archive", "size": str(len(self.objects[name])), "generation": generation}

    def media(self, name: str) -> None:
        self.asked.append(name)
        if name not in self.objects:
            return self.answer(404, b"{}")
        fault = self.faults.get(name, [])
        if fault and fault[0] != "corrupt":
            return self.answer(fault.pop(0), b"{}")
        body = self.objects[name]
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        return self.answer(200, body[::-1] + b"!" if fault else body, {"x-goog-hash": f"md5={md5}"})

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
        ({"set/images/b.jpg": [403]}, "boxwright-bucket"),
        ({"set/images/b.jpg": [404]}, "no such bucket or object"),
    ],
)
def test_nothing_half_or_wrong_is_left(bucket, fault, said, tmp_path):
    bucket.faults.update(fault)
    with pytest.raises(UserError, match=said):
        storage.folder("gs://archive/set")
    assert files(tmp_path / "cache") == {}


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

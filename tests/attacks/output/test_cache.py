# environment: data
"""A file in the cache that was changed or planted is not used, and nobody else can write there (attack 18)."""

import contextlib
import hashlib
import json
import os
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import web_servers as servers

from boxwright.convert.formats import tfrecord
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache, download, fetch, unchanged_files, work_dirs

BODY = b"weights" * 1000


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def files(place):
    with servers.serving() as files:
        yield files


@pytest.fixture
def archive(bucket, place):
    for name in ("set/a.jpg", "set/b.jpg", "set/labels.json"):
        bucket.put(name, name.encode())
    return bucket


def damage(file: Path) -> None:
    """Changes one byte, and sets the times back as far as a program can."""
    before = file.stat()
    content = file.read_bytes()
    file.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("says", [{}, {"ETag": "1"}])
def test_a_damaged_download_is_fetched_again(files, says):
    address = files.add("/w.npz", BODY, **says)
    damage(fetch.file(address))
    assert fetch.file(address).read_bytes() == BODY
    fetched = len(files.asked)
    assert fetch.file(address).read_bytes() == BODY and len(files.asked) == fetched


def test_a_planted_download_is_not_used(files):
    """The folder of a download can be guessed from its address."""
    address = files.add("/w.npz", BODY, ETag="1")
    planted = cache.web_file(address, "1")
    planted.parent.mkdir()
    planted.write_bytes(b"planted")
    assert fetch.file(address).read_bytes() == BODY


def test_a_download_replaced_by_a_link_is_not_used(files, tmp_path):
    address = files.add("/w.npz", BODY, ETag="1")
    file = fetch.file(address)
    (tmp_path / "other").write_bytes(BODY)
    file.unlink()
    file.symlink_to(tmp_path / "other")
    again = fetch.file(address)
    assert again.read_bytes() == BODY and not again.is_symlink()


def test_a_damaged_copy_is_not_used_offline(files, monkeypatch):
    address = files.add("/w.npz", BODY, ETag="1")
    file = fetch.file(address)
    dead = address.replace("localhost", "localhost.invalid")
    cache.remember(dead, cache.Copy("1", file))
    assert fetch.file(dead) == file
    damage(file)
    with pytest.raises(UserError, match="cannot be fetched: no connection"):
        fetch.file(dead)


@pytest.mark.parametrize("path", ["/etc/hostname", "../../outside", ".", "/", "\0", 3, None, ["a"], {"a": 1}])
def test_a_record_names_only_paths_in_the_cache(place, path, tmp_path):
    (tmp_path / "outside").write_text("x")
    cache.remember("https://a/b", cache.Copy("1", cache.root() / "b"))
    (record,) = (place / "kept").iterdir()
    named = str(place / path) if isinstance(path, str) and path.startswith(".") else path
    record.write_text(json.dumps({"version": "1", "path": named}))
    assert cache.kept("https://a/b") is None


def test_a_record_does_not_follow_a_link_out_of_the_cache(place, tmp_path):
    (tmp_path / "outside").write_text("x")
    (cache.root() / "link").symlink_to(tmp_path / "outside")
    cache.remember("https://a/b", cache.Copy("1", place / "link"))
    assert cache.kept("https://a/b") is None


@pytest.mark.parametrize("store", ["gs", "s3"])
def test_a_damaged_file_of_a_bucket_is_fetched_again(archive):
    folder = fetch.folder(f"{archive.uri}/set")
    damage(folder / "a.jpg")
    (folder / "b.jpg").unlink()
    asked = len(archive.times("read"))
    again = fetch.folder(f"{archive.uri}/set")
    assert {file.name: file.read_bytes() for file in again.iterdir()} == {
        name: f"set/{name}".encode() for name in ("a.jpg", "b.jpg", "labels.json")
    }
    assert sorted(archive.times("read")[asked:]) == ["set/a.jpg", "set/b.jpg"]


@pytest.mark.parametrize("store", ["gs", "s3"])
def test_a_damaged_unpacked_object_is_fetched_again(bucket, place):
    import gzip

    bucket.put("set/a.json", gzip.compress(b"{}"), encoding="gzip")
    file = fetch.folder(f"{bucket.uri}/set") / "a.json"
    damage(file)
    assert (fetch.folder(f"{bucket.uri}/set") / "a.json").read_bytes() == b"{}"


@pytest.mark.parametrize("store", ["gs", "s3"])
def test_a_planted_file_in_a_copy_is_refused(archive):
    folder = fetch.folder(f"{archive.uri}/set")
    (folder / "extra.xml").write_text("<annotation/>")
    with pytest.raises(UserError, match=r"has a file that is not in the bucket \(extra.xml\); delete the copy"):
        fetch.folder(f"{archive.uri}/set")


def test_a_file_is_read_again_only_if_its_times_changed(archive, monkeypatch):
    folder = fetch.folder("gs://archive/set")
    read = []
    real = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda stream, name: (read.append(stream.name), real(stream, name))[1])
    fetch.folder("gs://archive/set")
    assert not read
    os.utime(folder / "a.jpg")
    for _ in range(2):
        fetch.folder("gs://archive/set")
    assert read == [str(folder / "a.jpg")]


@pytest.mark.parametrize("text", ["", "[]", "null", '{"a.jpg": 1}', '{"a.jpg": []}', "[" * 100_000])
def test_a_damaged_list_means_that_files_are_compared(archive, text):
    folder = fetch.folder("gs://archive/set")
    folder.with_name(f"{folder.name}.files.json").write_text(text)
    asked = len(archive.times("read"))
    damage(folder / "a.jpg")
    assert (fetch.folder("gs://archive/set") / "a.jpg").read_bytes() == b"set/a.jpg"
    assert archive.times("read")[asked:] == ["set/a.jpg"]


def test_the_cache_is_private(place):
    assert mode(cache.root()) == 0o700
    place.chmod(0o777)
    assert mode(cache.root()) == 0o700


@pytest.mark.parametrize(("before", "said"), [(0o777, "set BOXWRIGHT_CACHE to a folder of its own"), (0o755, "")])
def test_a_folder_with_other_files_keeps_its_mode(place, before, said):
    """As with BOXWRIGHT_CACHE=/tmp."""
    (cache.root() / "letter.txt").write_text("x")
    place.chmod(before)
    with pytest.raises(UserError, match=said) if said else contextlib.nullcontext():
        cache.root()
    assert mode(place) == before


def test_a_cache_of_another_user_is_refused(place, monkeypatch):
    place.mkdir()
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    if place.stat().st_uid == 0:
        os.chown(place, 12345, 12345)
    with pytest.raises(UserError, match="belongs to another user, who could change its files; set BOXWRIGHT_CACHE"):
        cache.root()


def test_outputs_below_the_cache_are_private(place):
    with work_dirs.resumable("gs://archive/out", cache.root() / "outputs") as folder:
        assert mode(folder) == 0o700 and mode(place) == 0o700


def test_a_picture_from_records_is_compared_not_trusted(tmp_path):
    """The size alone does not show that another picture stands in the cache."""
    file = tmp_path / "pictures/im00.jpg"
    tfrecord._store(file, BODY)
    damage(file)
    tfrecord._store(file, BODY)
    assert file.read_bytes() == BODY


def test_names_of_a_list_stay_in_their_folder(place):
    """A list is compared by the names of the bucket only."""
    folder = cache.root() / "a"
    folder.mkdir()
    (folder / "b").write_text("x")
    unchanged_files.record(folder, ["b"])
    assert unchanged_files.changed(folder, ["b"]) == [] and unchanged_files.changed(folder, ["../a/b", "c"]) == [
        "../a/b",
        "c",
    ]


def test_a_killed_download_leaves_nothing_for_long(files, place):
    """The next download removes what a killed process left, and nothing of a process that lives."""
    left = cache.root() / ".partial-killed"
    left.mkdir()
    (left / "part").write_bytes(BODY)
    with cache.staging("https://a/b") as living:
        fetch.file(files.add("/w.npz", BODY))
        assert living.is_dir() and not left.exists()
    assert not list(place.glob(".partial-*"))


@pytest.mark.parametrize("names", [("a.jpg", "A.JPG"), ("b/\u00e9.jpg", "b/e\u0301.jpg")])
def test_two_objects_that_are_one_file_are_refused(tmp_path, names):
    """As on a disk that ignores case or the form of accents. Here a hard link stands for it."""
    first, second = (tmp_path / name for name in names)
    first.parent.mkdir(exist_ok=True)
    first.write_text("x")
    second.write_text("y")
    download._refuse_one_file_for_two("gs://a", tmp_path, names)
    second.unlink()
    second.hardlink_to(first)
    with pytest.raises(UserError, match="are the same file on this disk"):
        download._refuse_one_file_for_two("gs://a", tmp_path, names)


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "a//b", "a/./b", "n" * 256, "a\0b", "x"])
def test_names_of_objects_cannot_leave_their_folder(name):
    """`x` is a file and a folder, because x/y is there."""
    with pytest.raises(UserError, match="rename"):
        download._refuse_impossible_names("gs://a", [name, "x/y", "a/b"])


def test_a_bucket_without_room_for_it_is_refused_first(archive, monkeypatch, place):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: namedtuple("Usage", "free")(10))
    with pytest.raises(UserError, match=r"gs://archive/set has 33 bytes, but .*cache has room for 10 bytes; free some"):
        fetch.folder("gs://archive/set")
    assert not archive.times("read")


def test_a_marker_of_gigabytes_is_not_read(archive, monkeypatch):
    monkeypatch.setattr(limits, "OWN_JSON_BYTES", 100)
    archive.put("set/boxwright-publication.json", b"{" + b" " * 100)
    with pytest.raises(UserError, match=r"its boxwright-publication.json holds more than 100 bytes"):
        fetch.folder("gs://archive/set")
    assert not archive.times("read")

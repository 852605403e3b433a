# environment: data
"""Copying from a bucket, over real HTTP. tests/support/gcs.py lists the faults of the proxy before the server."""

import gzip
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, fetch

OBJECTS = {
    "set/": b"",
    "set/instances.json": b'{"images": []}',
    "set/images/a.jpg": b"a" * 5000,
    "set/images/b.jpg": b"b" * 70000,
    "setting/other.txt": b"not below set/",
}


@pytest.fixture
def archive(bucket):
    for name, body in OBJECTS.items():
        bucket.put(name, body)
    return bucket


def files(folder) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


BELOW_SET = {name.removeprefix("set/"): body for name, body in OBJECTS.items() if name.startswith("set/") and body}


@pytest.mark.parametrize("end", ["", "/"])
def test_copies_a_folder_without_its_neighbours(archive, end):
    assert files(fetch.folder(f"{archive.uri}/set{end}")) == BELOW_SET


def test_copies_a_whole_bucket(archive):
    assert set(files(fetch.folder(archive.uri))) == {name for name, body in OBJECTS.items() if body}


def test_file_comes_with_its_siblings(archive):
    path = fetch.folder(f"{archive.uri}/set/instances.json")
    assert path.name == "instances.json" and files(path.parent) == BELOW_SET


def test_keeps_a_copy_until_the_bucket_changes(archive):
    first, second = fetch.folder(f"{archive.uri}/set"), fetch.folder(f"{archive.uri}/set")
    assert first == second and len(archive.times("read")) == 3
    archive.put("set/images/a.jpg", b"new")
    changed = fetch.folder(f"{archive.uri}/set")
    assert changed != first and (changed / "images/a.jpg").read_bytes() == b"new"


def test_retries_a_busy_bucket(archive):
    archive.faults["read", "set/images/a.jpg"] = [503]
    assert files(fetch.folder(f"{archive.uri}/set")) == BELOW_SET
    assert archive.times("read").count("set/images/a.jpg") == 2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (["corrupt"] * 99, "damaged on the way"),
        (["silent"], "damaged on the way"),
        ([503] * 99, "cannot be fetched"),
        (["cut"] * 99, "cannot be fetched"),
        (["drop"] * 99, "cannot be fetched"),
        ([401], "cannot be fetched: access is denied .*(application-default|sso) login"),
        ([403], "boxwright-bucket"),
        ([404], "set/images/b.jpg was replaced or deleted"),
    ],
)
def test_failed_download_leaves_no_partial_file(archive, fault, said, tmp_path, impatient):
    archive.faults["read", "set/images/b.jpg"] = list(fault)
    with pytest.raises(UserError, match=said):
        fetch.folder(f"{archive.uri}/set")
    left = {name.partition(".part/whole/")[2]: body for name, body in files(tmp_path / "cache").items()}
    assert left.items() <= BELOW_SET.items() and "images/b.jpg" not in left


def test_resumes_an_interrupted_copy(archive, tmp_path):
    archive.faults["read", "set/images/b.jpg"] = ["silent"]
    with pytest.raises(UserError):
        fetch.folder(f"{archive.uri}/set")
    there = len(files(tmp_path / "cache"))
    archive.asked.clear()
    assert files(fetch.folder(f"{archive.uri}/set")) == BELOW_SET
    assert len(archive.times("read")) == len(BELOW_SET) - there


@pytest.mark.parametrize("fault", ["cut", "drop", "lost"])
def test_reconnects_after_a_lost_connection(archive, fault):
    archive.faults["read", "set/images/b.jpg"] = [fault]
    archive.faults["list", ""] = [fault]
    assert files(fetch.folder(f"{archive.uri}/set")) == BELOW_SET


def test_refuses_an_object_replaced_after_the_listing(archive):
    archive.faults["read", "set/images/a.jpg"] = [lambda: archive.put("set/images/a.jpg", b"another generation")]
    with pytest.raises(
        UserError, match=r"set/images/a.jpg was replaced or deleted after it was listed; run the command again"
    ):
        fetch.folder(f"{archive.uri}/set")
    assert files(fetch.folder(f"{archive.uri}/set")) == BELOW_SET | {"images/a.jpg": b"another generation"}


@pytest.mark.parametrize("harm", ["gone", "cut short"])
def test_fetches_files_missing_from_a_copy(archive, harm):
    """Cache cleaners delete single old files."""
    file = fetch.folder(f"{archive.uri}/set") / "images/b.jpg"
    file.unlink() if harm == "gone" else file.write_bytes(b"b")
    archive.asked.clear()
    assert files(fetch.folder(f"{archive.uri}/set")) == BELOW_SET and archive.times("read") == ["set/images/b.jpg"]


def test_full_disk_is_named(archive, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60000, before[1]))
    try:
        with pytest.raises(UserError, match=rf"{archive.uri}/set cannot be fetched, .* disk with room"):
            fetch.folder(f"{archive.uri}/set")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files(fetch.folder(f"{archive.uri}/set")) == BELOW_SET


COPY = [sys.executable, "-P", "-c", "import sys; from boxwright.core.storage import fetch; fetch.folder(sys.argv[1])"]


def test_killed_download_leaves_no_file_in_the_copy(archive, tmp_path):
    archive.faults["read", "set/images/b.jpg"] = [lambda: process.kill()]
    process = subprocess.Popen([*COPY, f"{archive.uri}/set"])
    assert process.wait() == -9
    assert files(fetch.folder(f"{archive.uri}/set")) == BELOW_SET
    assert len([copy for copy in (tmp_path / "cache/buckets").iterdir() if copy.is_dir()]) == 1


def test_begins_nothing_new_after_a_failure():
    """This holds even while earlier downloads are still running."""
    begun = []

    def slow_or_wrong(name: str) -> None:
        begun.append(name)
        time.sleep(0.5 if name == "0" else 0.01)
        if name == "1":
            raise UserError("wrong")

    with pytest.raises(UserError, match="wrong"):
        buckets.in_parallel(slow_or_wrong, map(str, range(300)))
    assert len(begun) < 100


def test_interrupt_does_not_wait_for_a_silent_server(archive):
    archive.faults["read", "set/images/b.jpg"] = [lambda: (process.send_signal(2), time.sleep(30))]
    process = subprocess.Popen([*COPY, f"{archive.uri}/set"], stderr=subprocess.DEVNULL)
    assert process.wait(timeout=20) in (130, -2)
    assert "set/images/b.jpg" in archive.times("read")


def test_one_of_several_processes_fetches_a_copy(archive):
    for name in OBJECTS:
        archive.faults["read", name] = [lambda: time.sleep(0.3)] * 3
    with ThreadPoolExecutor(3) as pool:
        copies = set(pool.map(fetch.folder, [f"{archive.uri}/set"] * 3))
    assert len(copies) == 1 and files(copies.pop()) == BELOW_SET and len(archive.times("read")) == 3


@pytest.mark.parametrize("fault", [None, "cut", "drop", 503])
def test_unpacks_gzip_objects(archive, fault):
    """Sizes cannot be compared: half of an unpacked file may be longer than the whole stored one."""
    text = b"a line as long as others\n" * 10000
    archive.put("packed/a.json", gzip.compress(text), encoding="gzip")
    archive.faults["read", "packed/a.json"] = [fault]
    assert files(fetch.folder(f"{archive.uri}/packed")) == {"a.json": text}


@pytest.mark.parametrize(
    ("stored", "fault", "said"),
    [
        (gzip.compress(b"text" * 99), "silent", "damaged on the way"),
        (gzip.compress(b"text" * 99)[:-9], None, "upload it again"),
        (b"plain", None, "upload it again"),
    ],
    ids=["damaged", "cut short", "not packed"],
)
def test_refuses_damaged_gzip_objects(archive, stored, fault, said):
    archive.put("packed/a.json", stored, encoding="gzip")
    archive.faults["read", "packed/a.json"] = [fault]
    with pytest.raises(UserError, match=said):
        fetch.folder(f"{archive.uri}/packed")


@pytest.mark.parametrize(
    ("name", "said"),
    [("set/images//a.jpg", "would be the same file"), ("set/./images/a.jpg", "would be the same file"),
     ("set/images", "would be both a file and the folder of"), ("set//etc/a", "outside of its folder"),
     ("set/" + "n" * 256, "not a valid file name"), ("set/a\0b", "not a valid file name"),
     ("set/images/a/.", "not a valid file name")],
)  # fmt: skip
def test_refuses_names_that_no_folder_can_hold(archive, name, said):
    archive.put(name, b"x")
    with pytest.raises(UserError, match=said):
        fetch.folder(f"{archive.uri}/set")


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("{}/nothing", "no object with this name and none below it"),
        ("{}elsewhere/set", "no such bucket"),
        ("ftp://archive/set", "ftp://archive/set: expected a path or gs:// or s3://"),
    ],
)
def test_absent_object_bucket_and_scheme_are_named(archive, uri, said):
    with pytest.raises(UserError, match=said):
        fetch.folder(uri.format(archive.uri))


def test_refuses_object_names_outside_of_the_folder(archive):
    archive.put("set/../../evil.txt", b"evil")
    with pytest.raises(UserError, match="outside of its folder"):
        fetch.folder(f"{archive.uri}/set")


def test_local_path_stays_itself(tmp_path):
    assert fetch.folder(str(tmp_path)) == tmp_path


def test_fetch_file_leaves_its_siblings(archive):
    path = fetch.file(f"{archive.uri}/set/images/a.jpg")
    assert files(path.parent) == {"a.jpg": OBJECTS["set/images/a.jpg"]}
    assert files(fetch.file(f"{archive.uri}/set/images")) == {"a.jpg": b"a" * 5000, "b.jpg": b"b" * 70000}
    with pytest.raises(UserError, match="no object with this name"):
        fetch.file(f"{archive.uri}/set/absent.npz")


def test_fetches_a_replaced_file_again(archive):
    uri = f"{archive.uri}/set/images/a.jpg"
    old, version = fetch.file(uri), fetch.version(uri)
    assert fetch.file(uri) == old and archive.times("read") == ["set/images/a.jpg"]
    archive.put("set/images/a.jpg", b"new")
    assert fetch.version(uri) != version
    assert fetch.file(uri).read_bytes() == b"new" and old.read_bytes() == OBJECTS["set/images/a.jpg"]


@pytest.mark.parametrize("fault", [503, "drop"])
def test_uses_the_kept_copy_with_a_warning_when_offline(archive, fault, capsys, monkeypatch):
    monkeypatch.setattr(fetch, "_PATIENCE_WITH_COPY", 0.2)
    uri = f"{archive.uri}/set/images/a.jpg"
    kept, version = fetch.file(uri), fetch.version(uri)
    assert "warning" not in capsys.readouterr().err
    archive.faults["see", "set/images/a.jpg"] = [fault] * 99
    assert (fetch.file(uri), fetch.version(uri)) == (kept, version)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and all(line.startswith(f"warning: {uri} cannot be fetched") for line in said)
    assert str(kept) in said[0]


@pytest.mark.parametrize(
    ("fault", "said"), [(404, "no object with this name"), (403, "cannot be fetched: access is denied")]
)
def test_kept_copy_does_not_replace_a_gone_object(archive, fault, said):
    uri = f"{archive.uri}/set/images/a.jpg"
    fetch.file(uri)
    archive.faults["see", "set/images/a.jpg"] = [fault] * 9
    with pytest.raises(UserError, match=said):
        fetch.file(uri)


def test_older_copy_does_not_replace_a_newer_object(archive, impatient):
    uri = f"{archive.uri}/set/images/a.jpg"
    fetch.file(uri)
    archive.put("set/images/a.jpg", b"new")
    archive.faults["read", "set/images/a.jpg"] = [503] * 99
    with pytest.raises(UserError, match="cannot be fetched"):
        fetch.file(uri)

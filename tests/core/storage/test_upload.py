# environment: data
"""Publishing in a bucket, over real HTTP: readers get either the complete old or the complete new publication."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch, publication, upload
from boxwright.core.storage.stores import gcs

MARKER = f"runs/first/{publication.MARKER}"
OLD = {"report.html": b"<html>old", "steps/model/weights": b"w" * 5000, "steps/empty": b""}
NEW = OLD | {"report.html": b"<html>new", "steps/table": b"t" * 3000}


def at(bucket) -> str:
    """The place where these tests publish."""
    return f"{bucket.uri}/runs/first"


def folder(tmp_path: Path, files: dict[str, bytes], name: str = "out") -> Path:
    for file, body in files.items():
        (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name / file).write_bytes(body)
    return tmp_path / name


def published(bucket) -> dict[str, bytes]:
    """The files that a reader gets."""
    top = fetch.folder(at(bucket))
    return {str(f.relative_to(top)): f.read_bytes() for f in top.rglob("*") if f.is_file()}


def sent(bucket) -> list[str]:
    """Names, below the publication's folder, of the objects that were uploaded since `asked` was cleared."""
    return sorted(name.removeprefix("runs/first/").partition("/")[2] or name for name in bucket.times("send"))


@pytest.fixture
def old(bucket, tmp_path):
    """The bucket with OLD published in it."""
    upload.publish(folder(tmp_path, OLD, "old"), at(bucket))
    bucket.asked.clear()
    return bucket


@pytest.mark.parametrize("uri", ["{}/runs/first", "{}/runs/first/", "{}"])
def test_published_folder_comes_back_unchanged(bucket, tmp_path, uri):
    uri = uri.format(bucket.uri)
    place = upload.publish(folder(tmp_path, OLD), uri)
    top = fetch.folder(uri)
    assert {str(f.relative_to(top)): f.read_bytes() for f in top.rglob("*") if f.is_file()} == OLD
    below = place.removeprefix(f"{bucket.uri}/") + "/"
    assert {n.removeprefix(below): b for n, b in bucket.objects().items() if n.startswith(below)} == OLD


def test_published_file_comes_back_as_a_file(bucket, tmp_path):
    (tmp_path / "weights.npz").write_bytes(b"weights")
    upload.publish(tmp_path / "weights.npz", at(bucket))
    assert fetch.file(at(bucket)).name == "weights.npz" and fetch.file(at(bucket)).read_bytes() == b"weights"


def test_published_files_keep_their_names(old):
    """`summary.json` and messages use these names; readers need not know DIGEST."""
    assert fetch.file(f"{at(old)}/report.html").read_bytes() == b"<html>old"
    assert {f.name for f in fetch.file(f"{at(old)}/steps/model/").iterdir()} == {"weights"}
    assert {f.name for f in fetch.folder(f"{at(old)}/steps/empty").parent.iterdir()} == {"empty", "model"}
    for absent in ("steps/mod", "report.html/x", "none"):
        with pytest.raises(UserError, match="there is no object with this name"):
            fetch.folder(f"{at(old)}/{absent}")


def test_large_file_uses_a_resumable_upload(bucket, tmp_path):
    """Above 8 MB the client library sends chunks. A lost chunk is sent again."""
    large = {"large": bytes(range(256)) * 40000}
    bucket.faults["send", ""] = ["drop"]  # only the request that opens the upload names its object
    upload.publish(folder(tmp_path, large), at(bucket))
    assert published(bucket) == large


def test_new_publication_replaces_the_whole_old_one(old, tmp_path):
    before = fetch.folder(at(old))
    upload.publish(folder(tmp_path, NEW), at(old))
    assert published(old) == NEW and fetch.folder(at(old)) != before


def test_marker_is_never_cached(old):
    """Otherwise the old public marker would be served for an hour after it was replaced."""
    assert old.cache_control(MARKER) == "no-store"


def test_sends_nothing_twice(old, tmp_path):
    upload.publish(folder(tmp_path, OLD), at(old))
    assert sent(old) == []
    upload.publish(folder(tmp_path, NEW), at(old))
    assert sent(old) == ["report.html", MARKER, "steps/empty", "steps/model/weights", "steps/table"]


def test_resumes_an_interrupted_publishing(old, tmp_path):
    digest = upload.publish(folder(tmp_path, NEW, "elsewhere"), f"{old.uri}/elsewhere").rpartition("/")[2]
    old.faults["send", f"runs/first/{digest}/steps/table"] = [403]
    source = folder(tmp_path, NEW)
    with pytest.raises(UserError, match=r"cannot be published: access is denied .*boxwright-bucket"):
        upload.publish(source, at(old))
    assert published(old) == OLD
    there = {name for name in old.listed() if name.startswith(f"runs/first/{digest}/")}
    old.asked.clear()
    upload.publish(source, at(old))
    assert published(old) == NEW
    assert not there & set(old.times("send"))


@pytest.mark.parametrize("fault", [503, "drop", "lost", "cut"])
@pytest.mark.parametrize("what", ["report.html", "marker"])
def test_reconnects_after_a_lost_connection(old, tmp_path, fault, what):
    """The server may have executed the request already. The condition of the second attempt then fails, which is not an
    error."""
    digest = upload.publish(folder(tmp_path, NEW, "elsewhere"), f"{old.uri}/elsewhere").rpartition("/")[2]
    name = MARKER if what == "marker" else f"runs/first/{digest}/{what}"
    old.faults["send", name] = [fault]
    upload.publish(folder(tmp_path, NEW), at(old))
    assert old.faults["send", name] == [] and published(old) == NEW


@pytest.mark.parametrize("fault", [[503] * 99, ["drop"] * 99, ["corrupt"], [500] * 99])
def test_failed_upload_leaves_the_old_publication(old, tmp_path, fault, impatient):
    digest = upload.publish(folder(tmp_path, NEW, "elsewhere"), f"{old.uri}/elsewhere").rpartition("/")[2]
    name = f"runs/first/{digest}/report.html"
    old.faults["send", name] = list(fault)
    with pytest.raises(UserError, match=r"cannot be published|the content of .*report.html was damaged"):
        upload.publish(folder(tmp_path, NEW), at(old))
    assert published(old) == OLD
    old.faults.clear()
    upload.publish(folder(tmp_path, NEW), at(old))
    assert published(old) == NEW


@pytest.mark.parametrize("read", [fetch.folder, fetch.file])
def test_incomplete_first_publication_is_not_read(bucket, tmp_path, read):
    digest = upload.publish(folder(tmp_path, OLD), f"{bucket.uri}/elsewhere").rpartition("/")[2]
    bucket.faults["send", f"runs/first/{digest}/report.html"] = [403]
    with pytest.raises(UserError, match="cannot be published: access is denied"):
        upload.publish(tmp_path / "out", at(bucket))
    with pytest.raises(UserError, match="not complete yet"):
        read(at(bucket))
    upload.publish(tmp_path / "out", at(bucket))
    assert published(bucket) == OLD


@pytest.mark.parametrize("fault", [503, "drop", "lost", "cut"])
def test_first_publication_over_a_bad_connection(bucket, tmp_path, fault):
    bucket.faults["send", MARKER] = [fault]
    upload.publish(folder(tmp_path, OLD), at(bucket))
    assert published(bucket) == OLD


def test_readers_refuse_and_publishers_replace_a_bad_marker(old, tmp_path):
    """Google's servers reject it because of its checksum; the test server accepts it."""
    old.faults["send", MARKER] = ["corrupt"]
    with pytest.raises(UserError, match=r"the content of .* was damaged"):
        upload.publish(folder(tmp_path, NEW), at(old))
    with pytest.raises(UserError, match="damaged"):
        fetch.folder(at(old))
    upload.publish(folder(tmp_path, NEW), at(old))
    assert published(old) == NEW


@pytest.mark.parametrize("body", [b"[" * 100000, b"{}", b"[]", b"null", b"\xff"])
def test_refuses_a_file_that_is_no_marker(old, tmp_path, body):
    old.put(MARKER, body)
    with pytest.raises(UserError, match=r"cannot be read .* publish there again"):
        fetch.folder(at(old))
    upload.publish(folder(tmp_path, NEW), at(old))
    assert published(old) == NEW


@pytest.mark.parametrize("fault", ["corrupt", "silent"])
def test_refuses_a_marker_damaged_in_transit(old, fault):
    old.faults["read", MARKER] = [fault] * 9
    with pytest.raises(UserError, match="damaged"):
        fetch.folder(at(old))


def test_refuses_a_published_file_damaged_in_transit(old):
    """The response has no checksum, but the marker has one."""
    name = next(name for name in old.listed() if name.endswith("/report.html"))
    old.faults["read", name] = ["silent"]
    with pytest.raises(UserError, match="is damaged"):
        fetch.folder(at(old))
    assert published(old) == OLD


def test_reader_during_the_switch_gets_old_or_new(old, tmp_path):
    new = folder(tmp_path, NEW)
    old.faults["read", MARKER] = [
        lambda: upload.publish(new, at(old))
    ]  # between the requests for generation and content
    assert published(old) == NEW
    file = next(name for name in old.listed() if name.endswith("/steps/table"))
    old.faults["read", file] = [
        lambda: upload.publish(folder(tmp_path, OLD, "old"), at(old))
    ]  # between marker and objects
    for kept in tmp_path.glob("cache/buckets/*"):
        kept.rename(tmp_path / kept.name)
    assert published(old) == NEW
    assert published(old) == OLD


def test_refuses_a_published_object_replaced_by_hand(old):
    name = next(name for name in old.listed() if name.endswith("/report.html"))
    old.put(name, b"<html>by hand")
    with pytest.raises(UserError, match="is damaged: it is not the file that was published"):
        fetch.folder(at(old))


def test_publishing_again_repairs_a_replaced_object(old, tmp_path):
    name = next(name for name in old.listed() if name.endswith("/report.html"))
    old.put(name, b"<html>by hand")
    upload.publish(folder(tmp_path, OLD), at(old))
    assert published(old) == OLD


def test_second_of_two_publishers_gets_an_error(old, tmp_path):
    new, other = folder(tmp_path, NEW), folder(tmp_path, {"report.html": b"<html>theirs"}, "other")
    old.faults["send", MARKER] = [lambda: upload.publish(other, at(old))]
    with pytest.raises(
        UserError, match="somebody else published there at the same time, and theirs is the current publication"
    ):
        upload.publish(new, at(old))
    assert published(old) == {"report.html": b"<html>theirs"}
    old.asked.clear()
    upload.publish(new, at(old))
    assert published(old) == NEW and sent(old) == [MARKER], "the rest had arrived"


@pytest.mark.parametrize("round", range(3))
def test_exactly_one_of_many_publishers_wins(bucket, tmp_path, round):
    """All of them read the empty marker before one of them replaces it."""
    ready = threading.Barrier(4)
    contents = [{"report.html": f"<html>{n}".encode(), "table": b"t" * n} for n in range(4)]
    bucket.faults["send", MARKER] = [ready.wait] * 8  # the empty marker, and their own

    def publish(n: int) -> bool:
        try:
            upload.publish(folder(tmp_path, contents[n], str(n)), at(bucket))
        except UserError as error:
            assert "somebody else published" in str(error)
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(publish, range(4)))
    assert sum(won) == 1 and published(bucket) == contents[won.index(True)]


def test_two_publishers_of_the_same_files_succeed(bucket, tmp_path):
    ready = threading.Barrier(2)
    bucket.faults["send", MARKER] = [ready.wait] * 4
    with ThreadPoolExecutor(2) as pool:
        places = list(pool.map(lambda name: upload.publish(folder(tmp_path, OLD, name), at(bucket)), "ab"))
    assert places[0] == places[1] and published(bucket) == OLD


def test_refuses_a_file_that_changes_while_it_is_sent(old, tmp_path):
    source = folder(tmp_path, NEW)
    old.faults["list", ""] = [lambda: (source / "report.html").write_bytes(b"<html>new!")]
    with pytest.raises(UserError, match=r"report\.html changed while it was published"):
        upload.publish(source, at(old))
    assert published(old) == OLD


def test_unpublishable_sources_and_places_are_named(bucket, tmp_path):
    (tmp_path / "empty").mkdir()
    for source, uri, said in (
        (tmp_path / "empty", at(bucket), "no file to publish"),
        (tmp_path / "absent", at(bucket), "no such file or folder to publish"),
        (folder(tmp_path, OLD), "ftp://archive/x", "expected gs://BUCKET/FOLDER or s3://BUCKET/FOLDER"),
        (folder(tmp_path, OLD), bucket.uri.replace("archive", "elsewhere") + "/x", "no such bucket"),
        (folder(tmp_path, {"a\nb": b""}, "odd"), at(bucket), "cannot be the name of an object"),
    ):
        with pytest.raises(UserError, match=said):
            upload.publish(source, uri)
    assert not bucket.listed()


def test_marker_round_trip_and_refusals():
    file = publication.File(size=3, sha256="ab")
    body = publication.Publication(files={"a": file}).as_marker()
    assert publication.from_marker(body).files == {"a": file} and publication.from_marker(body).as_marker() == body
    for wrong in (b"", b"{}", b"[]", body[:-3], body.replace(b'"ab"', b'"ac"'), body + b" "):
        with pytest.raises(ValueError):
            publication.from_marker(wrong)


def test_crc32c_of_a_known_text():
    """The crc32c of `123456789` is e3069283 (RFC 3720, appendix B.4)."""
    assert gcs.crc32c([b"12345", b"6789"]) == "4waSgw=="

# environment: data
"""A server can neither lead a download away from https, nor fill the disk, nor replace a pinned file (attacks 07 and 19)."""

import contextlib
import gzip
import hashlib
import json
import shutil
import time

import drawn_pictures
import pytest
import web_servers as servers

from boxwright.convert import step
from boxwright.core.runtime.errors import NotAllowed, UserError
from boxwright.core.storage import fetch, uri, web

BODY = b"weights" * 1000
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return servers.write_certificate(tmp_path_factory.mktemp("tls") / "localhost.pem")


@pytest.fixture
def https(certificate, tmp_path, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(web, "_BACKOFF", 0.01)
    with servers.serving(certificate) as files:
        yield files


@pytest.fixture
def http():
    with servers.serving() as files:
        yield files


@pytest.fixture
def limit(monkeypatch):
    """Downloads of at most 10,000 bytes."""
    monkeypatch.setenv("BOXWRIGHT_MAX_DOWNLOAD_GB", "0.00001")


def left(tmp_path) -> list:
    return [file for file in (tmp_path / "cache").rglob("*") if file.is_file()]


def test_refuses_a_redirect_from_https_to_http(https, http, tmp_path):
    internal = http.add("/internal.npz", BODY)
    start = https.add("/w.npz", b"", 302, Location=internal + "?token=SECRET")
    with pytest.raises(UserError, match=r"redirects to http://localhost:.*/internal.npz, which is not https") as error:
        fetch.file(start)
    assert not http.asked and not left(tmp_path) and "SECRET" not in str(error.value)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://localhost/a", "gs://bucket/a", "data:,a", "HTTP://localhost/a"]
)
def test_refuses_redirects_to_other_schemes(https, target, tmp_path):
    with pytest.raises(UserError, match="which is not https"):
        fetch.file(https.add("/w.npz", b"", 302, Location=target))
    assert not left(tmp_path)


def test_refuses_a_downgrade_after_a_step_on_https(https, http):
    https.add("/second", b"", 307, Location=http.add("/a", BODY))
    with pytest.raises(UserError, match="which is not https"):
        fetch.file(https.add("/first", b"", 301, Location="/second"))
    assert not http.asked


def test_follows_redirects_that_stay_with_https(https):
    https.add("/a", BODY)
    for status in (301, 302, 303, 307, 308):
        start = https.add(f"/start{status}", b"", status, Location="/a")
        assert fetch.file(start).read_bytes() == BODY


def test_ends_a_circle_of_redirects(https):
    with pytest.raises(UserError, match="Exceeded 10 redirects"):
        fetch.file(https.add("/a", b"", 302, Location="/a"))


def test_credentials_stay_with_their_host(https, certificate):
    with servers.serving(certificate) as other:
        place = other.add("/a", BODY)
        start = https.add("/start", b"", 302, Location=place).replace("://", "://me:WORD@")
        assert fetch.file(start).read_bytes() == BODY
        assert https.asked[0][1]["Authorization"].startswith("Basic ")
        assert all("Authorization" not in headers for _, headers in other.asked)


def test_a_distrusted_certificate_is_refused(https, monkeypatch, tmp_path):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(UserError, match="no trusted connection by TLS"):
        fetch.file(https.add("/a", BODY))
    assert not https.asked


def test_refuses_a_file_above_the_limit(https, limit, tmp_path):
    with pytest.raises(UserError, match=r"holds more than 9\.766 KiB.*set BOXWRIGHT_MAX_DOWNLOAD_GB"):
        fetch.file(https.add("/big.npz", bytes(10_001)))
    assert not left(tmp_path)
    assert len(fetch.file(https.add("/most.npz", bytes(10_000))).read_bytes()) == 10_000


def test_counts_a_file_without_a_length(https, limit, tmp_path):
    sent = 0

    def send(request):
        nonlocal sent
        request.send_response(200)
        request.end_headers()
        while request.command == "GET" and sent < 100_000_000:
            request.wfile.write(bytes(100_000))
            sent += 100_000

    https.routes["/inf.npz"] = send
    with pytest.raises(UserError, match="holds more than"):
        fetch.file(f"{https.address}/inf.npz")
    assert sent < 100_000_000 and not left(tmp_path)


def test_does_not_read_the_body_of_a_redirect(https):
    sent = 0

    def send(request):
        nonlocal sent
        request.send_response(302)
        request.send_header("Location", https.add("/a", BODY))
        request.end_headers()
        while request.command == "GET" and sent < 100_000_000:
            request.wfile.write(bytes(100_000))
            sent += 100_000

    https.routes["/start"] = send
    assert fetch.file(f"{https.address}/start").read_bytes() == BODY
    assert sent < 100_000_000


@pytest.mark.parametrize("times", [1, 2])
def test_counts_unpacked_bytes(https, limit, tmp_path, times):
    """A body of a few hundred bytes that unpacks to 100 MB, packed once and twice."""
    body = gzip.compress(bytes(100_000_000), 1)
    body = gzip.compress(body) if times == 2 else body
    with pytest.raises(UserError, match="holds more than"):
        fetch.file(https.add("/gz.npz", body, Content_Encoding=", ".join(["gzip"] * times)))
    assert not left(tmp_path)


def test_refuses_a_file_that_was_cut_off(https, tmp_path):
    with pytest.raises(UserError, match="cannot be fetched"):
        fetch.file(https.add("/a", BODY, Content_Length="7001"))
    assert not left(tmp_path)


def test_refuses_a_file_without_room_for_it(https, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 100))  # pyright: ignore[reportAttributeAccessIssue]  (a named tuple)
    with pytest.raises(UserError, match=r"has 6\.836 KiB, but .* has room for 100 bytes"):
        fetch.file(https.add("/a", BODY))
    assert not left(tmp_path)


def test_ends_a_download_that_only_drips(https, monkeypatch, tmp_path):
    monkeypatch.setattr(web, "_PATIENCE", 0.2)

    def send(request):
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        for _ in range(100 if request.command == "GET" else 0):
            request.wfile.write(b"a")
            time.sleep(0.05)

    https.routes["/drip"] = send
    started = time.monotonic()
    with pytest.raises(UserError, match="arrived in 0 seconds"):
        fetch.file(f"{https.address}/drip")
    assert time.monotonic() - started < 3 and not left(tmp_path)


@pytest.mark.parametrize("given", ["0", "-1", "many", "nan", "inf", "1e400"])
def test_a_wrong_limit_is_a_sentence(https, monkeypatch, given):
    monkeypatch.setenv("BOXWRIGHT_MAX_DOWNLOAD_GB", given)
    with pytest.raises(
        UserError, match=r"BOXWRIGHT_MAX_DOWNLOAD_GB=.*: expected a number of gigabytes above 0, such as 5"
    ):
        fetch.file(https.add("/a", BODY))


def test_a_pin_is_compared_each_time(https):
    address = https.add("/a.npz", BODY, ETag="1")
    pinned = f"{address}#sha256={SHA256.upper()}"
    assert fetch.file(pinned).read_bytes() == BODY
    https.add("/a.npz", b"other" * 1000, ETag="2")
    with pytest.raises(UserError, match=f"/a.npz: this is another file than the pinned one: .* expected {SHA256}"):
        fetch.file(pinned)
    fetch.file(address)
    with pytest.raises(UserError, match="another file than the pinned one"):  # from the cache
        fetch.file(pinned)


@pytest.mark.parametrize("pin", ["", "12", "g" * 64, "0" * 63, "0" * 65, f"{'0' * 64}#x"])
def test_a_wrong_pin_is_a_sentence(https, pin):
    with pytest.raises(UserError, match="expected 64 hexadecimal digits after `sha256=`"):
        fetch.file(f"{https.add('/a', BODY)}#sha256={pin}")
    assert not https.asked


def test_denied_access_has_its_own_error(https):
    with pytest.raises(NotAllowed, match="403"):
        fetch.file(https.add("/a", b"", 403))


@pytest.mark.parametrize("path", ["/", "/a/..", "/.", "/" + "n" * 300, "/a%00b", "/..;x"])
def test_odd_names_stay_inside_the_cache(https, tmp_path, path):
    https.add(path, BODY)
    https.add("/", BODY)
    https.add("/a/", BODY)
    file = fetch.file(https.address + path)
    assert file.read_bytes() == BODY and file.parent.parent == tmp_path / "cache"


def test_a_flag_takes_no_http(https):
    with pytest.raises(UserError, match="other schemes are not supported"):
        uri.require_known("--init", "http://localhost/a", ("https", "gs"))


@pytest.mark.parametrize("scheme", ["https", "gs"])
def test_a_data_set_makes_nothing_be_fetched(https, tmp_path, scheme, monkeypatch):
    """Addresses in annotations and configurations are text. `download:` in a data.yaml is no command."""
    asked = https.add("/x.jpg", BODY)
    address = asked if scheme == "https" else "gs://bucket/x.jpg"
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", https.address)
    folder = tmp_path / "data"
    write_coco(folder / "coco", address)
    write_voc(folder / "voc", address)
    write_yolo(folder / "yolo", address)
    for one in folder.iterdir():
        with contextlib.suppress(UserError):
            step.run(
                step.Config(
                    data=str(one),
                    missing="quarantine",
                    records=tmp_path / one.name / "r",
                    tables=tmp_path / one.name / "t",
                )
            )
        assert not (tmp_path / "made").exists()
    assert not https.asked


def write_coco(folder, address: str) -> None:
    drawn_pictures.write(folder, {"train": 8, "valid": 2, "test": 2}, 0)
    for file in folder.rglob("*.json"):
        coco = json.loads(file.read_text())
        for number, image in enumerate(coco["images"]):
            image |= {"coco_url": address, "flickr_url": address, "url": address}
            image["file_name"] = address if number == 0 else image["file_name"]
        coco["info"] = {"url": address}
        file.write_text(json.dumps(coco))


def write_voc(folder, address: str) -> None:
    folder.mkdir(parents=True)
    box = "<object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>"
    size = "<size><width>64</width><height>48</height><depth>3</depth></size>"
    text = f"<annotation><filename>{address}</filename><path>{address}</path><source><url>{address}</url></source>{size}{box}"
    (folder / "a.xml").write_text(f"{text}</annotation>")
    (folder / "b.xml").write_text(f'<!DOCTYPE a SYSTEM "{address}">{text}</annotation>')


def write_yolo(folder, address: str) -> None:
    (folder / "labels").mkdir(parents=True)
    (folder / "labels" / "a.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    made = folder.parent.parent / "made"
    text = f"path: {address}\ntrain: {address}\nval: {address}\nnames: [a]\ndownload: |\n  bash touch {made}\n"
    (folder / "data.yaml").write_text(text)

# environment: data
"""What S3 has of its own: endpoints, keys, answers that refuse, checksums, parts, and stores without conditional writes."""

import re

import pytest
import s3

from boxwright.core.runtime.errors import NotAllowed, Unreachable, UserError
from boxwright.core.storage import buckets, fetch, lookup, upload
from boxwright.core.storage.stores import s3 as s3_store
from boxwright.core.storage.stores import s3_checksums, s3_client
from boxwright.core.storage.stores.store import Conflict

SET = "s3://archive/set"


@pytest.fixture
def store() -> str:
    return "s3"


@pytest.fixture
def archive(bucket):
    bucket.put("set/a.jpg", b"a" * 5000)
    return bucket


def test_minio_uris_are_read_at_the_endpoint(archive, monkeypatch):
    assert (fetch.folder("minio://archive/set") / "a.jpg").read_bytes() == b"a" * 5000
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with pytest.raises(
        UserError, match=r"minio://archive/set: set AWS_ENDPOINT_URL to .*http://minio-service\.kubeflow"
    ):
        fetch.folder("minio://archive/set")


@pytest.mark.parametrize(
    ("status", "code", "said", "kind"),
    [
        (403, "AccessDenied", r"access is denied .*aws sso login.*boxwright-bucket.*AWS_REQUEST_PAYER", NotAllowed),
        (400, "ExpiredToken", "the credentials have expired", NotAllowed),
        (400, "InvalidToken", "AWS_SESSION_TOKEN is wrong", NotAllowed),
        (403, "InvalidAccessKeyId", "does not know the access key; check AWS_ACCESS_KEY_ID", NotAllowed),
        (403, "SignatureDoesNotMatch", "the secret key does not belong", NotAllowed),
        (403, "RequestTimeTooSkewed", "the clock of this machine is wrong", NotAllowed),
        (403, "InvalidObjectState", r"archive \(Glacier\)", NotAllowed),
        (503, "SlowDown", "the store is busy or has failed", Unreachable),
        (400, "AuthorizationHeaderMalformed", "in another region .*set AWS_REGION=eu-west-1", UserError),
        (404, "NoSuchBucket", r"there is no such bucket .*AWS_ENDPOINT_URL=http", UserError),
        (418, "Odd", "cannot be fetched: Odd: said by the store", UserError),
    ],
)
@pytest.mark.parametrize("request_kind", ["list", "see"])
def test_each_refusal_says_what_to_do(archive, impatient, request_kind, status, code, said, kind):
    """An answer to HEAD has no body, so the reason is asked for by GET."""
    answer = (status, s3.error(code, Region="eu-west-1"))
    archive.faults[request_kind, "" if request_kind == "list" else "set"] = [answer] * 9
    archive.faults["read", "set"] = [answer] * 9
    if request_kind == "see" and status == 404:
        return  # HEAD cannot tell an absent bucket from an absent object: the listing does
    with pytest.raises(UserError, match=said) as raised:
        fetch.folder(SET)
    assert isinstance(raised.value, kind) and "wJalr" not in str(raised.value)


def test_wrong_addresses_are_named(bucket, impatient, monkeypatch):
    for address, said in (
        ("http://127.0.0.1:1", r"cannot be fetched: .*AWS_ENDPOINT_URL=http://127\.0\.0\.1:1"),
        ("minio-service", "AWS_ENDPOINT_URL: .*give an address such as"),
        (f"https://127.0.0.1:{bucket.port}", "no trusted connection by TLS .*AWS_CA_BUNDLE"),
    ):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        with pytest.raises(UserError, match=said):
            fetch.folder(SET)


def test_answer_that_is_not_s3_names_the_endpoint(archive, impatient):
    archive.faults["list", ""] = [(200, b"<!doctype html><p>Welcome")] * 9
    with pytest.raises(UserError, match=r"has failed .*\(AWS_ENDPOINT_URL=http"):
        fetch.folder(SET)


def test_without_keys_the_client_signs_nothing(archive, monkeypatch):
    from botocore import UNSIGNED

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert s3_client.client(1, 1).meta.config.signature_version is UNSIGNED


def test_keys_and_endpoint_come_from_the_mounted_secret(tmp_path, bucket, monkeypatch):
    address = s3_client.endpoint() or ""
    monkeypatch.setattr(s3_client, "SECRET", tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    for name, text in (("AWS_ACCESS_KEY_ID", "k\n"), ("AWS_SECRET_ACCESS_KEY", "s\n"), ("AWS_ENDPOINT_URL", address)):
        (tmp_path / name).write_text(text)
    client = s3_client.client(2, 1)
    assert client.meta.endpoint_url == address
    assert client._request_signer._credentials.access_key == "k"


def test_bucket_with_versions_gives_the_newest(archive):
    versioning = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    assert archive.request("PUT", "/archive?versioning", versioning)[0] == 200
    archive.put("set/a.jpg", b"second")
    archive.faults["read", "set/a.jpg"] = [lambda: archive.put("set/a.jpg", b"third")]
    with pytest.raises(UserError, match=r"set/a\.jpg was replaced or deleted after it was listed"):
        fetch.folder(SET)
    assert (fetch.folder(SET) / "a.jpg").read_bytes() == b"third"
    archive.delete("set/a.jpg")  # leaves a marker of the deletion, which a listing leaves out
    with pytest.raises(UserError, match="no object with this name"):
        fetch.folder(SET)
    assert archive.request("PUT", "/archive?versioning", versioning.replace(b"Enabled", b"Suspended"))[0] == 200


def test_folders_of_a_console_are_no_files(archive):
    archive.put("set/", b"")
    archive.put("set/empty/", b"")
    assert {file.name for file in fetch.folder(SET).iterdir()} == {"a.jpg"}


def test_lists_more_than_a_thousand_objects(bucket):
    for number in range(1001):
        bucket.put(f"many/{number}", b"")
    assert len(lookup.find("s3://archive/many").objects) == 1001


@pytest.mark.parametrize("name", ["a b+c.jpg", "ü/猫.jpg", "100%.jpg", "a?b#c&d.jpg", "~a'b(1).jpg"])
def test_names_arrive_as_they_are(bucket, name):
    bucket.put(f"set/{name}", b"x")
    assert (fetch.folder(SET) / name).read_bytes() == b"x"


def test_object_without_an_md5_is_compared_by_its_checksum(tmp_path):
    """AWS names objects encrypted with KMS, and those in parts, by an ETag that is no MD5."""
    body, crc = b"123456789", "4waSgw=="  # RFC 3720, appendix B.4
    answer = {"ETag": '"0123456789abcdef0123456789abcdef-2"', "ChecksumCRC32C": crc}
    file = tmp_path / "file"
    file.write_bytes(body)
    assert s3_checksums.matches(answer, file)
    assert not s3_checksums.matches({**answer, "ChecksumCRC32C": "AAAAAA=="}, file)
    assert s3_checksums.matches({"ETag": '"' + "0" * 32 + '"', "ServerSideEncryption": "aws:kms"}, file)
    assert not s3_checksums.matches({"ETag": '"' + "0" * 32 + '"', "ServerSideEncryption": "AES256"}, file)
    assert s3_checksums.matches({"ChecksumCRC64NVME": "rosUhgp5mIg="}, file)  # of the NVM Express specification
    assert s3_checksums.matches({"ChecksumCRC32": "AAAAAA==", "ChecksumType": "COMPOSITE"}, file)


def test_large_file_goes_in_parts(archive, tmp_path, monkeypatch):
    """A lost part is sent again by itself, and the same file is not sent twice."""
    monkeypatch.setattr(s3_checksums, "PART", 5 << 20)
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * 50000)  # 12.8 MB: two whole parts and a rest
    name = f"out/{upload.publish(large, 's3://archive/other').rpartition('/')[2]}/large"
    archive.asked.clear()
    archive.faults["send", name] = ["drop", "drop"]
    upload.publish(large, "s3://archive/out")
    assert fetch.file("s3://archive/out").read_bytes() == large.read_bytes()
    parts = archive.times("send").count(name)
    assert parts == 2 + 5  # two lost ones; the beginning, three parts and the end
    upload.publish(large, "s3://archive/out")
    assert archive.times("send").count(name) == parts


def test_resumes_a_body_where_it_was_cut(archive, monkeypatch):
    archive.put("set/long.bin", bytes(range(256)) * 4000)
    archive.faults["read", "set/long.bin"] = ["cut", "cut"]
    assert (fetch.folder(SET) / "long.bin").read_bytes() == bytes(range(256)) * 4000
    assert archive.times("read").count("set/long.bin") == 3


def test_slow_body_is_given_up(archive, monkeypatch):
    monkeypatch.setattr(s3_store, "_PATIENCE", -1.0)
    monkeypatch.setattr(s3_store, "_SLOWEST", 10**12)
    with pytest.raises(UserError, match=r"set/a\.jpg cannot be fetched: only .* arrived in 0 seconds"):
        fetch.folder(SET)


def test_put_replaces_only_the_version_that_it_names(bucket):
    store = buckets.store_of(SET)
    first = store.put("x", b"1", replaces="")
    with pytest.raises(Conflict):
        store.put("x", b"2", replaces="")
    second = store.put("x", b"2", replaces=first.version)
    with pytest.raises(Conflict):
        store.put("x", b"3", replaces=first.version)
    assert store.stat("x") and bucket.read("x") == b"2" and second.version != first.version


@pytest.mark.parametrize("answers", ["ignores", "refuses"])
def test_store_without_conditional_writes_is_told(bucket, tmp_path, monkeypatch, capsys, answers):
    """An older store ignores the conditions, or answers 501. Publishing works, with one warning."""
    monkeypatch.setattr(s3_store, "_proven", set())
    ask = type(bucket).request

    def old_store(self, method, path, body=b"", headers=None):
        conditions = {key for key in headers or {} if key.lower() in ("if-match", "if-none-match")}
        if method == "PUT" and conditions and answers == "refuses":
            return 501, [], s3.error("NotImplemented")
        kept = {key: value for key, value in (headers or {}).items() if method != "PUT" or key not in conditions}
        return ask(self, method, path, body, kept)

    monkeypatch.setattr(type(bucket), "request", old_store)
    (tmp_path / "a").write_bytes(b"a")
    upload.publish(tmp_path / "a", "s3://archive/out")
    assert fetch.file("s3://archive/out").read_bytes() == b"a"
    said = capsys.readouterr().err
    assert len(re.findall("knows no conditional writes", said)) == 1

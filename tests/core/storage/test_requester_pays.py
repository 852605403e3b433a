# environment: data
"""Buckets whose requester pays: every request names who pays."""

import pytest

from boxwright.core.storage import fetch, upload


def everything(tmp_path, out: str) -> None:
    """Publishes, reads a folder and single files, publishes a new version, deletes."""
    for text in ("first", "second"):
        files = {"a.txt": _written(tmp_path / "a.txt", text), "b.txt": _written(tmp_path / "b.txt", "b")}
        upload.publish_files(files, out)
        assert (fetch.folder(out) / "a.txt").read_text() == text
        assert fetch.file(f"{out}/b.txt").read_text() == "b"
    upload.delete(out)


def _written(file, text):
    file.write_text(text)
    return file


@pytest.mark.parametrize("payer", ["requester", ""])
def test_every_request_names_who_pays(bucket, tmp_path, monkeypatch, store, payer):
    """On GCS a project pays, on S3 whoever asks."""
    monkeypatch.setenv({"gs": "GOOGLE_CLOUD_QUOTA_PROJECT", "s3": "AWS_REQUEST_PAYER"}[store], payer)
    everything(tmp_path, f"{bucket.uri}/out")
    assert {kind for kind, _ in bucket.asked} == {"see", "read", "list", "send"}
    assert set(bucket.billed) == {payer}

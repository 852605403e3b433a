# environment: data
"""Buckets whose requester pays: every request names the paying project."""

import pytest

from boxwright.core.storage import fetch, upload


def everything(tmp_path) -> None:
    """Publishes, reads a folder and single files, publishes a new version, deletes."""
    for text in ("first", "second"):
        upload.publish_files(
            {"a.txt": _written(tmp_path / "a.txt", text), "b.txt": _written(tmp_path / "b.txt", "b")}, OUT
        )
        assert (fetch.folder(OUT) / "a.txt").read_text() == text
        assert fetch.file(f"{OUT}/b.txt").read_text() == "b"
    upload.delete(OUT)


OUT = "gs://archive/out"


def _written(file, text):
    file.write_text(text)
    return file


@pytest.mark.parametrize("project", ["payer-1", ""])
def test_every_request_names_the_paying_project(bucket, tmp_path, monkeypatch, project):
    monkeypatch.setenv("GOOGLE_CLOUD_QUOTA_PROJECT", project)
    everything(tmp_path)
    assert {kind for kind, _ in bucket.asked} == {"see", "read", "list", "send"}
    assert set(bucket.billed) == {project}

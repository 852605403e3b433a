# environment: data
"""The paths and URIs that a flag accepts, and how a URI is parsed."""

from pathlib import Path

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Fetched
from boxwright.core.storage import uri
from boxwright.core.storage.uri import BUCKETS, require_known

WEB = Fetched().schemes


@pytest.mark.parametrize(
    "place",
    [
        "",
        "auto",
        "data",
        "/a/b",
        "./a:b",
        "scan:1/a",
        "a:/b",
        "gs://b/c",
        Path("gs://b/c"),
        "s3://b/c",
        Path("minio://b/c"),
    ],
)
@pytest.mark.parametrize("schemes", [BUCKETS, WEB])
def test_accepts_paths_words_and_buckets(place, schemes):
    require_known("--data", place, schemes)


def test_accepts_the_web_where_a_flag_takes_it():
    require_known("--init", "https://web.example/a", WEB)
    with pytest.raises(
        UserError, match=r"^--init http://web.example/a: expected a path or https:// or gs:// or s3://; other schemes"
    ):
        require_known("--init", "http://web.example/a", WEB)


@pytest.mark.parametrize(
    "place", ["https://a/b", "http://a/b", "s3a://a/b", "S3://a/b", "file:///a", Path("ftp://a/b")]
)
def test_refuses_unknown_schemes(place):
    with pytest.raises(
        UserError, match=r"^--records .*: expected a path or gs:// or s3://; other schemes are not supported$"
    ):
        require_known("--records", place)


def test_error_without_a_flag():
    with pytest.raises(UserError, match=r"^s3://a: expected a path; "):
        require_known("", "s3://a", ())


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ("gs://b", ("b", "")),
        ("s3://b/c", ("b", "c")),
        ("minio://b/c/", ("b", "c/")),
        ("gs://b/", ("b", "")),
        ("gs://b/c/d", ("b", "c/d")),
        ("gs://b.c-1/d/", ("b.c-1", "d/")),
    ],
)
def test_split_gives_bucket_and_path(given, parts):
    assert uri.split(given) == parts


@pytest.mark.parametrize("given", ["gs://", "s3://", "gs:///a", "gs://b!/a", "gs://-b/a"])
def test_split_refuses_impossible_buckets(given):
    with pytest.raises(UserError, match="is not a valid bucket name"):
        uri.split(given)


@pytest.mark.parametrize(("folder", "prefix"), [("", ""), ("/", ""), ("a", "a/"), ("a/b/", "a/b/")])
def test_prefix_of_a_folder(folder, prefix):
    assert uri.as_prefix(folder) == prefix


@pytest.mark.parametrize("text", ["gs://b", "gs://b/c/d", "s3://b", "s3://b/c", "minio://b/c", "gs://"])
def test_path_gives_its_uri_back(text):
    assert uri.from_path(Path(text)) == uri.from_path(text) == text
    assert {uri.from_path(Path(text)) for text in ("b/gs:", "", "s3", "s3/a", "C:/a", "/s3:/a")} == {""}


def test_data_sets_are_separated_by_commas(tmp_path):
    assert uri.data_sets("a, gs://b/c ,d,") == ["a", "gs://b/c", "d"]
    assert uri.data_sets("") == [""]
    (tmp_path / "a,b").mkdir()
    assert uri.data_sets(str(tmp_path / "a,b")) == [str(tmp_path / "a,b")]

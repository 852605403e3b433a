# environment: authoring
"""Passwords, signatures and tokens are removed from text, and nothing else is."""

import time

import pytest

from boxwright.core.runtime.errors import UserError, brief
from boxwright.core.runtime.secrets import without_secrets

PIN = "#sha256=" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("https://me:word@host:80/a.npz?X-Goog-Signature=s#part", "https://host:80/a.npz"),
        ("HTTPS://TOKEN@HOST/A", "HTTPS://HOST/A"),
        ("https:/me:word@host/a", "https:/host/a"),  # Path loses a slash
        ("https://me:wo/r?d#@host/a", "https://host/a"),
        ("http://me:word@proxy:3128", "http://proxy:3128"),
        (f"https://host/a?sig=s{PIN}", f"https://host/a{PIN}"),
        ("403 for url: https://h/a?X-Amz-Credential=s/1&X-Amz-Signature=s (again)", "403 for url: https://h/a (again)"),
        ("'https://h/a?sig=s', (https://h/b?sig=s).", "'https://h/a', (https://h/b)."),
        ("https://a?sig=s,https://me:s@b/c", "https://a,https://b/c"),
        ("Max retries exceeded with url: /a?sig=s&se=1 (Caused by ...)", "Max retries exceeded with url: /a (Caused by ...)"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: ..."),
        ("{'Authorization': 'Basic dXNlcjp3b3Jk'}", "{'Authorization': '...'}"),
        ('{"access_token": "abc", "n": 1}', '{"access_token": "...", "n": 1}'),
        ("token=abc, AWSSecretKey=def; sig=ghi", "token=..., AWSSecretKey=...; sig=..."),
        ("gs://bucket/a?token=abc", "gs://bucket/a"),
        ("s3://AKIAX:wJalr/x@bucket/a", "s3://bucket/a"),
        ("s3://bucket/a?X-Amz-Signature=abc", "s3://bucket/a"),
        ("https://b.s3.amazonaws.com/w.npz?X-Amz-Credential=A%2F1&X-Amz-Signature=f", "https://b.s3.amazonaws.com/w.npz"),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7+MD", "AWS_SECRET_ACCESS_KEY=..."),
        ("AWS_SESSION_TOKEN=FwoGZXIvYXdzE", "AWS_SESSION_TOKEN=..."),
        ('{"aws_secret_access_key": "wJalr/K7"}', '{"aws_secret_access_key": "..."}'),
        ("https://me:wo'rd@host/a", "https://host/a"),
        ('"https://me:wo<r`d@host/a"', '"https://host/a"'),
        ("https://host/a?b='word'&c=word", "https://host/a'"),
        *((f"{start}me:word@host/a", f"{start}host/a") for start in ("https:", "https:\\\\", "https:////", "//", "")),
        ("https://me%3Aword%40host/a", "https://host/a"),
        ("https%3A%2F%2Fme%3Aword%40host%2Fa", "https%3A%2F%2Fhost%2Fa"),
        ("https://host/a%3Fsig%3Dword", "https://host/a"),
        ("https://host/a;jsessionid=word", "https://host/a;jsessionid=..."),
        ("X-Api-Key: word, Cookie: word", "X-Api-Key: ..., Cookie: ..."),
    ],
)  # fmt: skip
def test_removes_secrets(given, left):
    assert without_secrets(given) == left
    assert without_secrets(without_secrets(given)) == left


@pytest.mark.parametrize(
    "text",
    [
        *("missing: /data/local-files/?d=photos/a 1.jpg, b", "images/?path=a.jpg"),
        *("gs://bucket/a #1/b?c", "s3://bucket/a #1/b?c", "minio://bucket/a@2/b?c"),
        *("/data/what?.png", "C:/a?b", "https://host:8080/a@2x.png", "https://[::1]:80/a@2x.png"),
        *("the token in KFP_TOKEN is missing", "KFP_TOKEN is not a token: it has a line break", "seed=5 design=7", "a@b.c"),
        *(f"https://host/a{PIN}", "", 3, None, True, "https://host/a%20b%23c%3F.npz", "docker.pkg.dev/p/data:0.2@sha256:0a1b"),
        *("KFP_HOST=http://localhost:8080 (mail me@host)", "{'a': 'https://host:80/b', 'c': 'd@e'}", '{"a":"b:c","d":"e@f"}'),
    ],
)  # fmt: skip
def test_keeps_everything_else(text):
    assert without_secrets(text) == text


def test_cleans_lists_and_mappings():
    given = {"a": ["https://u:p@h", 1], "b": ("https://h?c",)}
    assert without_secrets(given) == {"a": ["https://h", 1], "b": ("https://h",)}


def test_errors_have_no_secrets():
    assert str(UserError("https://me:word@host/a?b cannot be fetched")) == "https://host/a cannot be fetched"


def test_brief_cleans_before_it_cuts():
    """The end of the address is beyond the cut."""
    text = brief(ValueError("x" * 150 + " https://me:word" + "w" * 100 + "@host/a"))
    assert "word" not in text and len(text) <= 200


@pytest.mark.parametrize(
    "part",
    [
        "https://",
        "a:",
        "?a=",
        "token=",
        "?",
        "@",
        "a-",
        "://u:a",
        ").",
        "'",
        "_",
        "%40",
        "%3F",
        "https:",
        "a:a",
        "!a:aa",
    ],
)
def test_takes_time_in_proportion_to_the_text(part):
    started = time.process_time()
    without_secrets(part * (400_000 // len(part)))
    assert time.process_time() - started < 2

"""The checksums of S3: what a store says of an object, and what a file has."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

# A larger file is uploaded in parts of this size, each retried by itself. Its ETag depends on the size.
PART = 64 << 20
_CHUNK = 1 << 20
_MD5 = re.compile("[0-9a-f]{32}")


def etag_of(file: Path) -> str:
    """The ETag of the file after an upload by `s3.Bucket.put`: its MD5 or, in parts, the MD5 of their MD5s and their number."""
    parts = []
    with file.open("rb") as stream:
        while not parts or stream.peek(1):
            parts.append(_md5_of_part(stream))
    if len(parts) == 1:
        return parts[0].hex()
    return f"{hashlib.md5(b''.join(parts), usedforsecurity=False).hexdigest()}-{len(parts)}"


def _md5_of_part(stream: Any) -> bytes:
    digest, left = hashlib.md5(usedforsecurity=False), PART
    while left and (chunk := stream.read(min(_CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
    return digest.digest()


def is_md5(etag: str, answer: Mapping[str, Any]) -> bool:
    """Whether an ETag is the MD5 of the content. It is not for an object in parts, or one encrypted with a key of KMS or a
    customer (AWS: "Checking object integrity")."""
    encrypted = answer.get("ServerSideEncryption", "AES256") != "AES256" or "SSECustomerAlgorithm" in answer
    return bool(_MD5.fullmatch(etag)) and not encrypted


def matches(answer: Mapping[str, Any], file: Path) -> bool:
    """Whether the file has all checksums of the whole object in an answer. An answer without any matches."""
    expected = {
        algorithm: base64.b64decode(answer[algorithm])
        for algorithm in _ALGORITHMS
        if answer.get(algorithm) and "-" not in answer[algorithm] and answer.get("ChecksumType") != "COMPOSITE"
    }
    etag = str(answer.get("ETag", "")).strip('"')
    if is_md5(etag, answer):
        expected["MD5"] = bytes.fromhex(etag)
    return all(_ALGORITHMS[name](_chunks(file)) == value for name, value in expected.items())


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _hashed(name: str) -> Callable[[Iterator[bytes]], bytes]:
    def digest(chunks: Iterator[bytes]) -> bytes:
        found = hashlib.new(name, usedforsecurity=False)
        for chunk in chunks:
            found.update(chunk)
        return found.digest()

    return digest


def _crc(name: str, size: int) -> Callable[[Iterator[bytes]], bytes]:
    """size: bytes of the sum, which is sent with its highest byte first."""

    def digest(chunks: Iterator[bytes]) -> bytes:
        from awscrt import checksums

        found = 0
        for chunk in chunks:
            found = getattr(checksums, name)(chunk, found)
        return found.to_bytes(size, "big")

    return digest


# By their names in an answer to GetObject.
_ALGORITHMS = {
    "ChecksumCRC64NVME": _crc("crc64nvme", 8),
    "ChecksumCRC32C": _crc("crc32c", 4),
    "ChecksumCRC32": _crc("crc32", 4),
    "ChecksumSHA256": _hashed("sha256"),
    "ChecksumSHA1": _hashed("sha1"),
    "MD5": _hashed("md5"),
}

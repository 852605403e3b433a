"""S3 and the stores that speak its language, such as MinIO and SeaweedFS, by AWS's own client."""

import hashlib
import io
import mimetypes
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import Unreachable
from boxwright.core.storage.stores import s3_checksums, s3_client
from boxwright.core.storage.stores.s3_errors import code_of, explained, status_of
from boxwright.core.storage.stores.store import Conflict, Damaged, Gone, Object

__all__ = ["Bucket", "explained"]

_CONNECTIONS = 16
# Attempts to receive a body. Each goes on where the last one was cut off.
_TRIES = 6
_WAIT = 0.5
_CHUNK = 16 << 10
# A body slower than this, in bytes per second on average, is given up after so many seconds.
_SLOWEST, _PATIENCE = 10_000, 120.0
# Stores, by their endpoints, of which it is known whether they keep the condition of a conditional write.
_proven: set[str] = set()


class Bucket:
    """A `Store`. The version of an object is its ETag, also in a bucket with versions: a listing has no other."""

    def __init__(self, name: str, seconds: float) -> None:
        """seconds: about how long a request is retried after temporary failures."""
        self._client: Any = s3_client.client(seconds, _CONNECTIONS)
        self._bucket: dict[str, Any] = {"Bucket": name, **s3_client.requester_pays()}
        self._tries = _TRIES if seconds >= 1 else 1

    def listed(self, prefix: str) -> Iterator[Object]:
        for page in self._client.get_paginator("list_objects_v2").paginate(Prefix=prefix, **self._bucket):
            for one in page.get("Contents", []):
                yield _object(one["Key"], one["Size"], one["ETag"])

    def stat(self, name: str) -> Object | None:
        from botocore.exceptions import ClientError

        try:
            answer = self._client.head_object(Key=name, **self._bucket)
        except ClientError as error:
            if status_of(error) == 404:
                return None
            if status_of(error) < 500:  # an answer to HEAD gives no reason
                self._client.get_object(Key=name, Range="bytes=0-0", **self._bucket)
            raise
        return _object(name, answer["ContentLength"], answer["ETag"])

    def read(self, there: Object) -> bytes:
        with _gone_or_damaged(there):
            answer = self._receive(there, stream := io.BytesIO())
        body = stream.getvalue()
        etag = answer["ETag"].strip('"')
        if s3_checksums.is_md5(etag, answer) and etag != _md5(body):
            raise Damaged(there.name)
        return body

    def download(self, there: Object, file: Path) -> str:
        with _gone_or_damaged(there), file.open("wb") as stream:
            answer = self._receive(there, stream)
        if not s3_checksums.matches(answer, file):
            raise Damaged(there.name)
        return answer.get("ContentEncoding", "")

    def _receive(self, there: Object, stream: IO[bytes]) -> Mapping[str, Any]:
        """Writes the body. After a lost connection, it goes on where the body was cut off. Returns the first answer."""
        from botocore.exceptions import HTTPClientError, IncompleteReadError

        first: dict[str, Any] = {}
        for tries_left in reversed(range(self._tries)):
            rest = {"Range": f"bytes={stream.tell()}-"} if stream.tell() else {}
            pin = _pinned(first.get("ETag") or there.version)
            answer = self._client.get_object(Key=there.name, ChecksumMode="ENABLED", **rest, **pin, **self._bucket)
            first = first or {"ETag": there.version, **answer}
            if rest and "ContentRange" not in answer:  # the store sends the whole again
                stream.seek(0)
                stream.truncate()
            try:
                stream.writelines(_not_too_slow(there.name, answer["Body"].iter_chunks(_CHUNK)))
                return first
            except (HTTPClientError, IncompleteReadError):
                if not tries_left:
                    raise
                time.sleep(_WAIT)
        raise AssertionError("there is at least one try")

    def put(self, name: str, content: bytes | Path, replaces: str | None = None) -> Object:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if replaces is None and isinstance(content, Path) and content.stat().st_size > s3_checksums.PART:
            return self._put_in_parts(name, content, kind)
        etag = _md5(content) if isinstance(content, bytes) else s3_checksums.etag_of(content)
        answer = self._put_at_once(name, content, kind, replaces)
        told = answer.get("ETag", "").strip('"')
        if s3_checksums.is_md5(told, answer) and told != etag:
            raise Damaged(name)
        return _object(name, 0, answer.get("ETag", ""))

    def _put_at_once(self, name: str, content: bytes | Path, kind: str, replaces: str | None) -> Mapping[str, Any]:
        options = {"Key": name, "ContentType": kind, **self._bucket}
        if replaces is None:
            with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as stream:
                return self._client.put_object(Body=stream, **options)
        options["Body"] = content.read_bytes() if isinstance(content, Path) else content
        options["CacheControl"] = (
            "no-store"  # otherwise a public object may be served from a cache after it was replaced
        )
        answer = self._put_if(options, replaces)
        self._prove_conditions(options)
        return answer

    def _put_if(self, options: Mapping[str, Any], replaces: str) -> Mapping[str, Any]:
        """Writes on condition. Raises Conflict. A store that says that it knows no conditions gets none."""
        from botocore.exceptions import ClientError

        condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
        try:
            return self._client.put_object(**options, **condition)
        except ClientError as error:
            if status_of(error) in (409, 412) or (replaces and code_of(error) == "NoSuchKey"):
                raise Conflict(options["Key"]) from None
            if code_of(error) != "NotImplemented":
                raise
        self._warn()
        return self._client.put_object(**options)

    def _prove_conditions(self, options: Mapping[str, Any]) -> None:
        """Warns if the store ignores conditions: it then writes a new object although there is one. AWS's own stores do not."""
        address = self._client.meta.endpoint_url
        if address in _proven or address.endswith((".amazonaws.com", ".amazonaws.com.cn")):
            return
        try:
            self._put_if(options, "")
        except Conflict:
            _proven.add(address)
        else:
            self._warn()

    def _warn(self) -> None:
        address = self._client.meta.endpoint_url
        if address not in _proven:
            print(
                f"warning: the store at {address} knows no conditional writes (If-Match, If-None-Match). If two processes "
                "publish at the same place at the same time, the later one replaces the earlier one without an error",
                file=sys.stderr,
            )
        _proven.add(address)

    def _put_in_parts(self, name: str, file: Path, kind: str) -> Object:
        from boto3.s3.transfer import TransferConfig, create_transfer_manager

        size = s3_checksums.PART
        how = TransferConfig(multipart_threshold=size, multipart_chunksize=size, preferred_transfer_client="classic")
        extra = {"ContentType": kind, **s3_client.requester_pays()}
        with create_transfer_manager(self._client, how) as manager:
            manager.upload(str(file), self._bucket["Bucket"], name, extra_args=extra).result()
        answer = self._client.head_object(Key=name, **self._bucket)
        if answer["ContentLength"] != file.stat().st_size:
            raise Damaged(name)
        return _object(name, answer["ContentLength"], answer["ETag"])

    def delete(self, name: str) -> None:
        self._client.delete_object(Key=name, **self._bucket)

    def same(self, there: Object, file: Path) -> bool:
        return s3_checksums.etag_of(file) == there.checksum


def _object(name: str, size: int, etag: str) -> Object:
    return Object(name=name, size=size, version=etag, checksum=etag.strip('"'))


def _pinned(version: str) -> dict[str, str]:
    return {"IfMatch": version} if version else {}


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


@contextmanager
def _gone_or_damaged(there: Object) -> Iterator[None]:
    from botocore.exceptions import ClientError, FlexibleChecksumError

    try:
        yield
    except FlexibleChecksumError:
        raise Damaged(there.name) from None
    except ClientError as error:
        if status_of(error) in (404, 412) and code_of(error) != "NoSuchBucket":
            raise Gone(there.name) from None
        raise


def _not_too_slow(name: str, chunks: Iterator[bytes]) -> Iterator[bytes]:
    size, started = 0, time.monotonic()
    for chunk in chunks:
        size += len(chunk)
        seconds = time.monotonic() - started
        if seconds > _PATIENCE and size < _SLOWEST * seconds:
            raise Unreachable(
                f"{name} cannot be fetched: only {limits.in_words(size)} arrived in {seconds:.0f} seconds"
            )
        yield chunk

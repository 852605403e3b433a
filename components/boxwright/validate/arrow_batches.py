"""The annotations in the records as Arrow batches: what TFDV counts and what its blind spots are checked on."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
from tensorflow_metadata.proto.v0 import schema_pb2
from tfx_bsl.coders import example_coder

from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError

# Names and digests are read, but not counted: they differ by nature.
FILES = {"image/filename": schema_pb2.BYTES, "image/key/sha256": schema_pb2.BYTES}
COUNTED = {
    "image/height": schema_pb2.INT,
    "image/width": schema_pb2.INT,
    "image/format": schema_pb2.BYTES,
    "image/object/bbox/ymin": schema_pb2.FLOAT,
    "image/object/bbox/xmin": schema_pb2.FLOAT,
    "image/object/bbox/ymax": schema_pb2.FLOAT,
    "image/object/bbox/xmax": schema_pb2.FLOAT,
    "image/object/class/label": schema_pb2.INT,
    "image/object/class/text": schema_pb2.BYTES,
}
# A batch ends with the example that reaches one of them, so that pictures of any size take no more memory than these bytes twice.
AT_ONCE = 1_000
BYTES_AT_ONCE = 64 << 20


def read(folder: Path, split: str) -> Iterator[pa.RecordBatch]:
    """A column a feature, a row an example, in file order. The decoder is told which features count, so it never copies a
    picture. Raises UserError where a feature has another type than convert writes."""
    wanted = schema_pb2.Schema(feature=[schema_pb2.Feature(name=n, type=t) for n, t in (FILES | COUNTED).items()])
    decoder = example_coder.ExamplesToRecordBatchDecoder(wanted.SerializeToString())
    for shard in tfrecords.shards(folder, split):
        for chunk in _chunks(tfrecords.serialized(shard)):
            try:
                yield decoder.DecodeBatch(chunk)
            except (RuntimeError, ValueError) as error:
                raise UserError(
                    f"{shard}: an example that convert does not write ({error}); run convert again"
                ) from None


def _chunks(examples: Iterable[bytes]) -> Iterator[list[bytes]]:
    chunk, size = [], 0
    for data in examples:
        chunk.append(data)
        size += len(data)
        if len(chunk) >= AT_ONCE or size >= BYTES_AT_ONCE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk

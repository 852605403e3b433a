"""The annotations in the records as Arrow batches, for TFDV and for our own counts."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
from tfx_bsl.coders import example_coder

from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.validate.tfdv.untyped import schema_messages

# TFDV does not count names and digests, because they differ in every example.
FILES = {"image/filename": schema_messages.BYTES, "image/key/sha256": schema_messages.BYTES}
COUNTED = {
    "image/height": schema_messages.INT,
    "image/width": schema_messages.INT,
    "image/format": schema_messages.BYTES,
    "image/object/bbox/ymin": schema_messages.FLOAT,
    "image/object/bbox/xmin": schema_messages.FLOAT,
    "image/object/bbox/ymax": schema_messages.FLOAT,
    "image/object/bbox/xmax": schema_messages.FLOAT,
    "image/object/class/label": schema_messages.INT,
    "image/object/class/text": schema_messages.BYTES,
}
# The example that reaches one of these limits ends its batch. So images of any size take at most twice these bytes in memory.
EXAMPLES = 1_000
BYTES = 64 << 20


def read(folder: Path, split: str) -> Iterator[pa.RecordBatch]:
    """One column for each feature and one row for each example, in file order.

    The decoder reads only these features, so it never copies an image. Raises UserError for a feature of another type than
    convert writes.
    """
    wanted = schema_messages.Schema(
        feature=[schema_messages.Feature(name=n, type=t) for n, t in (FILES | COUNTED).items()]
    )
    decoder = example_coder.ExamplesToRecordBatchDecoder(wanted.SerializeToString())
    for shard in tfrecords.shards(folder, split):
        for chunk in _chunks(tfrecords.serialized(shard)):
            try:
                yield decoder.DecodeBatch(chunk)
            except (RuntimeError, ValueError) as error:
                raise UserError(
                    f"{shard} has an example that convert does not write ({error}); run `boxwright convert` again"
                ) from None


def _chunks(examples: Iterable[bytes]) -> Iterator[list[bytes]]:
    chunk, size = [], 0
    for data in examples:
        chunk.append(data)
        size += len(data)
        if len(chunk) >= EXAMPLES or size >= BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk

"""Writes labels and metadata into a .tflite file, in TFLite's metadata format.

A zip archive with `labels.txt` follows the flatbuffer. The interpreter ignores it. The buffer TFLITE_METADATA in the flatbuffer
names input and outputs, gives the scaling of the image, and assigns the labels to the output `classes`. The package for this,
tflite-support, was abandoned in 2023, so this module writes the format itself. Its schema is
tensorflow_lite_support/metadata/metadata_schema.fbs; the numbers below are positions of fields in the schema's tables.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from boxwright.core import tflite

_BUFFER = "TFLITE_METADATA"
_TENSOR_VALUE_LABELS = 3  # AssociatedFileType
_NORMALIZATION = 1  # ProcessUnitOptions


def labels_text(classes: Sequence[str]) -> str:
    """The content of labels.txt: one class per line. Line i, counted from 0, is class i of the file's outputs."""
    return "".join(f"{name}\n" for name in classes)


def with_labels(data: bytes, classes: Sequence[str]) -> bytes:
    """The .tflite file with labels and metadata. Raises UserError if `data` is not a detector."""
    file = io.BytesIO(with_metadata(data))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_STORED) as archive:
        # ZipInfo's default date is constant, so that the same model gives the same bytes.
        archive.writestr(zipfile.ZipInfo(tflite.LABELS), labels_text(classes))
    return file.getvalue()


def with_metadata(data: bytes) -> bytes:
    """The flatbuffer with the buffer TFLITE_METADATA added. Raises UserError if `data` is not a detector."""
    file = tflite.read_model(data)
    names = {index: name for name, index in tflite.detection_outputs(file).items()}
    model: Any = schema.ModelT.InitFromObj(file)  # the generated classes declare every field as optional
    buffer: Any = schema.BufferT()
    buffer.data = model_metadata([names[index] for index in model.subgraphs[0].outputs])
    entry = schema.MetadataT()
    entry.name, entry.buffer = _BUFFER, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata.append(entry)
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def model_metadata(outputs: Sequence[str]) -> bytes:
    """The ModelMetadata flatbuffer. outputs: boxes, classes, scores and count, in the order of the model's outputs."""
    builder = flatbuffers.Builder(1024)
    floats = {field: _floats(builder, [127.5]) for field in (0, 1)}  # (pixel - mean) / standard deviation: -1..1
    normalization = _table(builder, floats)
    unit = _table(builder, {1: normalization}, {0: _NORMALIZATION})
    image = _table(builder, {0: builder.CreateString("image"), 4: _vector(builder, [unit])})
    tensors = [_output(builder, name) for name in outputs]
    graph = _table(builder, {2: _vector(builder, [image]), 3: _vector(builder, tensors)})
    name, version = builder.CreateString("SSD MobileNet object detector"), builder.CreateString("1.0.0")
    builder.Finish(_table(builder, {0: name, 3: _vector(builder, [graph]), 7: version}), b"M001")
    return bytes(builder.Output())


def _output(builder: flatbuffers.Builder, name: str) -> int:
    fields = {0: builder.CreateString(name)}
    if name == "classes":
        file = _table(builder, {0: builder.CreateString(tflite.LABELS)}, {2: _TENSOR_VALUE_LABELS})
        fields[6] = _vector(builder, [file])
    return _table(builder, fields)


def _table(builder: flatbuffers.Builder, offsets: dict[int, int], numbers: dict[int, int] | None = None) -> int:
    """Builds a table. offsets: field position -> offset of a finished object. numbers: field position -> one-byte number."""
    numbers = numbers or {}
    builder.StartObject(max(*offsets, *numbers, 0) + 1)
    for field, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(field, offset, 0)
    for field, number in numbers.items():
        builder.PrependUint8Slot(field, number, 0)
    return builder.EndObject()


def _vector(builder: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return builder.EndVector()


def _floats(builder: flatbuffers.Builder, values: Sequence[float]) -> int:
    builder.StartVector(4, len(values), 4)
    for value in reversed(values):
        builder.PrependFloat32(value)
    return builder.EndVector()

# environment: train
"""Changes a .tflite file through its object form, and writes it again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema


def changed(data: bytes, change: Callable[[Any], object]) -> bytes:
    """The file after `change` got its ModelT."""
    model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    change(model)
    builder = flatbuffers.Builder(len(data))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def without_graphs(description: str = "x" * 5300) -> bytes:
    """A file whose table has no field for graphs. LiteRT 2.3 segfaults when it loads it."""
    model: Any = schema.ModelT()
    model.version, model.description = 3, description
    builder = flatbuffers.Builder(64)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def folder(path: Path, data: bytes) -> Path:
    """A folder as export writes it, with int8.tflite only."""
    path.mkdir()
    (path / "int8.tflite").write_bytes(data)
    return path

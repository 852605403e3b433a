"""The messages of the OD API's pipeline.config. They work without the OD API, because the data environment does not have it.

`od_api_protos.binpb` is a serialized FileDescriptorSet of object_detection/protos/pipeline.proto and what it imports (TensorFlow
authors, Apache License 2.0). tests/support/od_api_descriptors.py writes it.
"""

from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from boxwright.core.foreign_files import proto_text
from boxwright.core.runtime.errors import UserError


def _message_class() -> Any:
    pool = descriptor_pool.DescriptorPool()
    data = Path(__file__).with_suffix(".binpb").read_bytes()
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        pool.Add(file)
    return message_factory.GetMessageClass(
        pool.FindMessageTypeByName("object_detection.protos.TrainEvalPipelineConfig")
    )


TrainEvalPipelineConfig: Any = _message_class()


def read(path: Path) -> Any:
    """The TrainEvalPipelineConfig in a file. Raises UserError as `parse` does, and for a file that cannot be read."""
    try:
        return parse(proto_text.read(path))
    except OSError as error:
        raise UserError(f"it cannot be read: {error.strerror}") from None
    except proto_text.InvalidProtoText as error:
        raise UserError(f"{error}; {_EXPECTED}") from None


def parse(text: str) -> Any:
    """A TrainEvalPipelineConfig. Raises UserError that names the line of a syntax error, or of a field that the OD API lacks."""
    try:
        return proto_text.parse(text, TrainEvalPipelineConfig())
    except proto_text.InvalidProtoText as error:
        raise UserError(f"{error}; {_EXPECTED}") from None


_EXPECTED = "expected a pipeline.config of the Object Detection API"

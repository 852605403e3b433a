"""The messages of the OD API's pipeline.config. They work without the OD API, because the data environment does not have it.

`od_api_protos.binpb` is a serialized FileDescriptorSet of object_detection/protos/pipeline.proto and what it imports (TensorFlow
authors, Apache License 2.0). tests/support/od_api_descriptors.py writes it.
"""

from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, text_format

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


def parse(text: str) -> Any:
    """A TrainEvalPipelineConfig. Raises UserError that names the line of a syntax error, or of a field that the OD API lacks."""
    try:
        return text_format.Parse(text, TrainEvalPipelineConfig())
    except text_format.ParseError as error:
        line = f"line {error.GetLine()}: " if error.GetLine() else ""
        what = (str(error).partition(" : ")[2] or str(error)).rstrip(".")
        raise UserError(f"{line}{what}; expected a pipeline.config of the Object Detection API") from None
    except RecursionError:
        raise UserError("its messages are nested too deeply for a pipeline.config") from None

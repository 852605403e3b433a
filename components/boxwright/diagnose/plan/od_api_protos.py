"""The messages of the OD API's pipeline.config. They work without the OD API, because the data environment does not have it.

`od_api_protos.binpb` is a serialized FileDescriptorSet of object_detection/protos/pipeline.proto and what it imports (TensorFlow
authors, Apache License 2.0). tests/support/od_api_descriptors.py writes it.
"""

from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from boxwright.core.foreign_files import proto_text
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.given import syntax


def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    data = Path(__file__).with_suffix(".binpb").read_bytes()
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        pool.Add(file)
    return pool


_POOL = _pool()


def _message_class(name: str) -> Any:
    return message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"object_detection.protos.{name}"))


TrainEvalPipelineConfig: Any = _message_class("TrainEvalPipelineConfig")
PreprocessingStep: Any = _message_class("PreprocessingStep")


def parse(text: str) -> Any:
    """A TrainEvalPipelineConfig. Raises UserError that names the lines of what is wrong, and what to type."""
    try:
        return proto_text.parse(text, TrainEvalPipelineConfig())
    except proto_text.InvalidProtoText as error:
        found = syntax.problems(text, TrainEvalPipelineConfig) or [str(error)]
        raise UserError(f"{'; '.join(found)}; {_EXPECTED}") from None


_EXPECTED = "expected a pipeline.config of the Object Detection API"

# environment: train
"""The descriptors of the OD API's pipeline.config, as installed in the train environment.

Run as a script in the train environment, it writes the copy that diagnose reads:
`.envs/train/bin/python tests/support/od_api_descriptors.py`.
"""

from pathlib import Path

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FileDescriptor
from object_detection.protos import pipeline_pb2

COPY = Path(__file__).parents[2] / "components/boxwright/diagnose/plan/od_api_protos.binpb"


def installed() -> bytes:
    """A serialized FileDescriptorSet of pipeline.proto and all that it imports, each file after its imports."""
    found: dict[str, descriptor_pb2.FileDescriptorProto] = {}
    _collect(pipeline_pb2.DESCRIPTOR, found)
    return descriptor_pb2.FileDescriptorSet(file=found.values()).SerializeToString(deterministic=True)


def _collect(file: FileDescriptor, found: dict[str, descriptor_pb2.FileDescriptorProto]) -> None:
    if file.name not in found:
        for imported in file.dependencies:
            _collect(imported, found)
        found[file.name] = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(found[file.name])


if __name__ == "__main__":
    COPY.write_bytes(installed())

"""tf.train.Example without TensorFlow. Importing TensorFlow would add five seconds to every step that only reads records.

Fields and numbers are those of tensorflow/core/example/{example,feature}.proto. They cannot change, since files depend on them.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_Field = descriptor_pb2.FieldDescriptorProto
# Message -> its fields in order of their numbers. A field is (name, type, repeated, name of the message type or None).
_MESSAGES = {
    "BytesList": (("value", _Field.TYPE_BYTES, True, None),),
    "FloatList": (("value", _Field.TYPE_FLOAT, True, None),),
    "Int64List": (("value", _Field.TYPE_INT64, True, None),),
    "Feature": (
        ("bytes_list", _Field.TYPE_MESSAGE, False, "BytesList"),
        ("float_list", _Field.TYPE_MESSAGE, False, "FloatList"),
        ("int64_list", _Field.TYPE_MESSAGE, False, "Int64List"),
    ),
    "Features": (("feature", _Field.TYPE_MESSAGE, True, "Features.FeatureEntry"),),
    "Example": (("features", _Field.TYPE_MESSAGE, False, "Features"),),
}


def _described(message: descriptor_pb2.DescriptorProto, fields: tuple) -> None:
    for number, (name, kind, repeated, of) in enumerate(fields, 1):
        label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
        message.field.add(
            name=name, number=number, type=kind, label=label, type_name=f".boxwright.{of}" if of else None
        )


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="boxwright/example.proto", package="boxwright", syntax="proto3")
    for name, fields in _MESSAGES.items():
        _described(file.message_type.add(name=name), fields)
    (features,) = (message for message in file.message_type if message.name == "Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    _described(entry, (("key", _Field.TYPE_STRING, False, None), ("value", _Field.TYPE_MESSAGE, False, "Feature")))
    return file


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_file())


def _message_class(name: str) -> Any:
    """protobuf makes the class at run time, so a type checker cannot know its fields."""
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"boxwright.{name}"))


Example, Features = _message_class("Example"), _message_class("Features")

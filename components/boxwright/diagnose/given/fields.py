"""The fields of a config that nothing judges."""

from collections.abc import Collection, Iterator
from typing import Any


def repeated(field: Any) -> bool:
    """Whether a field is a list. field: a FieldDescriptor. protobuf 7 has no `label`, and 4 has no `is_repeated`."""
    known = getattr(field, "is_repeated", None)
    return field.label == field.LABEL_REPEATED if known is None else known


def not_judged(config: Any, judged: Collection[str]) -> tuple[str, ...]:
    """The paths of the fields that are set and not judged, in the order of the config, each once.

    A message of which nothing is judged stands for its fields. judged: paths of fields; all that a message holds is judged if
    its own path is.
    """
    return tuple(dict.fromkeys(_left(config, "", frozenset(judged))))


def grouped(paths: Collection[str]) -> list[str]:
    """Fields of one message together: `model.ssd.loss: classification_weight, localization_weight`."""
    of_message: dict[str, list[str]] = {}
    for path in paths:
        message, _, name = path.rpartition(".")
        of_message.setdefault(message, []).append(name)
    return [f"{message}: {', '.join(names)}" if message else ", ".join(names) for message, names in of_message.items()]


def _left(message: Any, prefix: str, judged: frozenset[str]) -> Iterator[str]:
    for field, value in message.ListFields():
        path = prefix + field.name
        if path in judged:
            continue
        if field.message_type is None or not any(one.startswith(f"{path}.") for one in judged):
            yield path
            continue
        parts = value if repeated(field) else [value]
        for part in parts:
            yield from _left(part, f"{path}.", judged)

"""TFDV's text protos: those that a user gives, and those that validate writes."""

from collections.abc import Mapping
from pathlib import Path

from google.protobuf import text_format
from google.protobuf.message import Message

from boxwright.core.foreign_files import proto_text
from boxwright.core.records import tfrecords
from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch
from boxwright.validate.config import Config
from boxwright.validate.tfdv.untyped import Anomalies, Schema, Statistics, schema_messages, statistics_messages


def read_schema(file: str) -> Schema:
    """file: a path or a URI. Raises UserError if it is not there or not a schema."""
    path = fetch.file(file)
    try:
        given = proto_text.parse(proto_text.read(path), schema_messages.Schema())
        if not given.feature:
            raise ValueError("it has no feature")
    except (OSError, ValueError) as error:
        raise UserError(
            f"--expected-schema {file} is not a TFDV schema as a text proto ({error}); give the schema.pbtxt of an earlier run"
        ) from None
    return given


def read_previous(uri: str) -> dict[str, Statistics]:
    """The statistics of an earlier run, by split. uri: their folder, a path or a URI. Raises UserError if it holds none."""
    folder = fetch.folder(uri)
    found = {f.stem: _statistics(f) for s in tfrecords.SPLITS if (f := folder / f"{s}.pbtxt").is_file()}
    if not found:
        raise UserError(
            f"--previous-statistics {uri} has no train.pbtxt, val.pbtxt or test.pbtxt; give the folder `statistics` of an "
            "earlier run"
        )
    return found


def _statistics(file: Path) -> Statistics:
    try:
        found = proto_text.parse(proto_text.read(file), statistics_messages.DatasetFeatureStatisticsList())
        if len(found.datasets) != 1:
            raise ValueError(f"it has {len(found.datasets)} data sets, expected 1")
    except (OSError, ValueError) as error:
        raise UserError(
            f"--previous-statistics: {file} is not TFDV statistics as a text proto ({error}); give the folder `statistics` of an "
            "earlier run"
        ) from None
    return found


def write(
    config: Config,
    statistics: Mapping[str, Statistics],
    schema: Schema,
    anomalies: Mapping[str, Anomalies],
) -> None:
    """Writes statistics/<split>.pbtxt, the schema and anomalies/anomalies_<split>.pbtxt."""
    for folder in (config.statistics, config.anomalies):
        text_files.make_folder(folder)
    files: dict[Path, Message] = {config.statistics / f"{split}.pbtxt": proto for split, proto in statistics.items()}
    files |= {config.anomalies / f"anomalies_{split}.pbtxt": proto for split, proto in anomalies.items()}
    files[config.schema] = schema
    for file, proto in files.items():
        text_files.write(file, text_format.MessageToString(proto))

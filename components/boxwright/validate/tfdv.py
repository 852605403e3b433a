"""Statistics, schema and anomalies by TensorFlow Data Validation."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

from boxwright.core.records import tfrecords
from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch
from boxwright.validate import arrow_batches
from boxwright.validate.config import Config
from boxwright.validate.reasons import Reason

VERSION = tfdv.__version__
CLASS = "image/object/class/text"
# Points by which a class's share of the objects may differ: between train and another split (skew), or between an earlier run
# and this one (drift).
APART = 0.2
# What TFDV calls the statistics that it compares with.
_CONTROL = {"skew": "serving_statistics", "drift": "previous_statistics"}


class Statistics:
    """TFDV statistics of batches, one after the other: memory does not grow with them. Without Beam: a pipeline would take
    longer to start than they take to count."""

    def __init__(self) -> None:
        self._generators = stats_impl.get_generators(tfdv.StatsOptions(), in_memory=True)
        self._partial = [generator.create_accumulator() for generator in self._generators]

    def add(self, batch: pa.RecordBatch) -> None:
        """batch: of `batches.read`."""
        counted = pa.RecordBatch.from_arrays(
            [batch.column(name) for name in arrow_batches.COUNTED], list(arrow_batches.COUNTED)
        )
        both = zip(self._generators, self._partial, strict=True)
        self._partial = [generator.add_input(partial, counted) for generator, partial in both]

    def result(self) -> statistics_pb2.DatasetFeatureStatisticsList:
        return stats_impl.extract_statistics_output(self._partial, self._generators)


def schema(train: statistics_pb2.DatasetFeatureStatisticsList, classes: Sequence[str]) -> schema_pb2.Schema:
    """What train looks like, with what a detector needs: sides in 0..1, no NaN, labels of the label map, and any number of
    objects an image, none included."""
    inferred = tfdv.infer_schema(train, infer_feature_shape=False, max_string_domain_size=0)
    for feature in inferred.feature:
        if feature.name.startswith("image/object/"):
            feature.ClearField("presence")
            feature.ClearField("value_count")
        if "/bbox/" in feature.name:
            tfdv.set_domain(inferred, feature.name, schema_pb2.FloatDomain(min=0, max=1, disallow_nan=True))
        if feature.name.endswith("class/label"):
            tfdv.set_domain(inferred, feature.name, schema_pb2.IntDomain(min=1, max=len(classes)))
        if feature.name.endswith("class/text"):
            tfdv.set_domain(inferred, feature.name, schema_pb2.StringDomain(name="classes", value=list(classes)))
    return inferred


def read_schema(file: str) -> schema_pb2.Schema:
    """file: a path or a gs:// URI. Raises UserError when it is not there or not a schema."""
    path = fetch.file(file)
    try:
        given = text_format.Parse(path.read_text(encoding="utf-8"), schema_pb2.Schema())
        if not given.feature:
            raise ValueError("it has no feature")
    except (OSError, ValueError, text_format.ParseError) as error:
        raise UserError(
            f"--expected-schema {file}: not a TFDV schema as text proto ({error}); give the schema.pbtxt of an earlier run"
        ) from None
    return given


def read_previous(uri: str) -> dict[str, statistics_pb2.DatasetFeatureStatisticsList]:
    """The statistics that an earlier run wrote, by split. uri: their folder, a path or gs://. Raises UserError
    when it holds none."""
    folder = fetch.folder(uri)
    found = {f.stem: _statistics(f) for s in tfrecords.SPLITS if (f := folder / f"{s}.pbtxt").is_file()}
    if not found:
        raise UserError(f"--previous-statistics {uri}: no train.pbtxt, val.pbtxt or test.pbtxt there; give the folder "
                        "`statistics` of an earlier run")  # fmt: skip
    return found


def _statistics(file: Path) -> statistics_pb2.DatasetFeatureStatisticsList:
    try:
        found = text_format.Parse(file.read_text(encoding="utf-8"), statistics_pb2.DatasetFeatureStatisticsList())
        if len(found.datasets) != 1:
            raise ValueError(f"it has {len(found.datasets)} data sets, expected 1")
    except (OSError, ValueError, text_format.ParseError) as error:
        raise UserError(f"--previous-statistics: {file}: not TFDV statistics as text proto ({error}); give the folder "
                        "`statistics` of an earlier run") from None  # fmt: skip
    return found


def check(
    found: Mapping[str, Any], classes: Sequence[str], given: schema_pb2.Schema | None, previous: Mapping[str, Any]
) -> tuple[schema_pb2.Schema, dict[str, Any]]:
    """found, previous: statistics of the splits that have images, now and in an earlier run. The schema (`given`, else that of
    train, or of the next split where train has no object; an empty one without either) and each split's anomalies, those of skew
    (against train) and of drift (against the same split of the earlier run) among them."""
    if "train" not in found:
        return given or schema_pb2.Schema(), {}
    found = {split: _with_values(statistics) for split, statistics in found.items()}
    # Backgrounds say nothing of objects: those of other splits would be columns that no schema knows.
    taught = next((statistics for statistics in found.values() if CLASS in _names(statistics)), found["train"])
    expected = given or schema(taught, classes)
    anomalies = {split: tfdv.validate_statistics(statistics, expected) for split, statistics in found.items()}
    compared = [(split, "skew", found["train"], found[split]) for split in found if split != "train"]
    compared += [(split, "drift", found[split], previous[split]) for split in found if split in previous]
    for split, *between in compared:
        for name, info in apart(*between, expected):
            anomalies[split].anomaly_info[name].CopyFrom(info)
    return expected, anomalies


def _with_values(
    statistics: statistics_pb2.DatasetFeatureStatisticsList,
) -> statistics_pb2.DatasetFeatureStatisticsList:
    """The statistics without the features of objects that have no value in the split: TFDV gives those a smallest of 0."""
    kept = statistics_pb2.DatasetFeatureStatisticsList()
    kept.CopyFrom(statistics)
    for dataset in kept.datasets:
        features = [feature for feature in dataset.features if not _valueless(feature)]
        del dataset.features[:]
        dataset.features.extend(features)
    return kept


def _valueless(feature: statistics_pb2.FeatureNameStatistics) -> bool:
    values = getattr(feature, feature.WhichOneof("stats")).common_stats.tot_num_values
    return _name(feature).startswith("image/object/") and not values


def _names(statistics: statistics_pb2.DatasetFeatureStatisticsList) -> set[str]:
    return {_name(feature) for dataset in statistics.datasets for feature in dataset.features}


def _name(feature: statistics_pb2.FeatureNameStatistics) -> str:
    return "/".join(feature.path.step) or feature.name


def apart(
    kind: Literal["skew", "drift"], statistics: Any, control: Any, expected: schema_pb2.Schema
) -> Iterator[tuple[str, Any]]:
    """(`feature: kind`, TFDV's anomaly) where values are distributed otherwise than in `control`. A schema's own comparators of
    that kind count; without any, the shares of the classes may differ by APART (L-infinity distance)."""
    comparator, compared = f"{kind}_comparator", schema_pb2.Schema()
    compared.CopyFrom(expected)
    in_both = _names(statistics) & _names(control)
    if CLASS in in_both and not any(feature.HasField(comparator) for feature in compared.feature):
        with contextlib.suppress(ValueError):  # a given schema may leave the classes out
            getattr(tfdv.get_feature(compared, CLASS), comparator).infinity_norm.threshold = APART
    found = tfdv.validate_statistics(statistics, compared, **{_CONTROL[kind]: control})
    for feature, info in found.anomaly_info.items():
        if feature in in_both and any(
            anomalies_pb2.AnomalyInfo.Type.Name(reason.type).startswith("COMPARATOR_") for reason in info.reason
        ):
            yield f"{feature}: {kind}", info


def reasons(anomalies: dict[str, Any]) -> Iterator[Reason]:
    """Every anomaly as a reason. A value that training cannot read is an error in any split, another distribution is none."""
    for split, found in anomalies.items():
        for feature, info in sorted(found.anomaly_info.items()):
            text = f"{split}: {feature}: {info.short_description}: {info.description}"
            severe = feature.startswith("image/object/") and not feature.endswith((": skew", ": drift"))
            yield (Reason.error if severe else Reason.caveat)("tfdv_anomaly", text, feature)


def write(config: Config, found: Mapping[str, Any], expected: schema_pb2.Schema, anomalies: Mapping[str, Any]) -> None:
    """statistics/<split>.pbtxt, the schema, anomalies/anomalies_<split>.pbtxt; all text protos."""
    for folder in (config.statistics, config.anomalies):
        text_files.make_folder(folder)
    protos = {config.statistics / f"{split}.pbtxt": found[split] for split in found}
    protos |= {config.anomalies / f"anomalies_{split}.pbtxt": anomalies[split] for split in anomalies}
    for file, proto in (protos | {config.schema: expected}).items():
        text_files.write(file, text_format.MessageToString(proto))

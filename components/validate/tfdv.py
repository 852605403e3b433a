"""Statistics, schema and anomalies by TensorFlow Data Validation."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tensorflow_data_validation as tfdv
from google.protobuf import text_format
from tensorflow.core.example.example_pb2 import Example
from tensorflow.core.example.feature_pb2 import Features
from tensorflow_data_validation.statistics import stats_impl
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2
from tfx_bsl.coders import example_coder

from boxwright.core import records, storage
from boxwright.core.errors import UserError
from boxwright.validate.reasons import Reason

VERSION = tfdv.__version__
CLASS = "image/object/class/text"
# Points by which a class's share of the objects may differ between train and another split.
SKEW = 0.2
# Without the pictures' bytes it takes a third of the time, and they say nothing; names and digests differ by nature.
FEATURES = (
    "image/height",
    "image/width",
    "image/format",
    "image/object/bbox/ymin",
    "image/object/bbox/xmin",
    "image/object/bbox/ymax",
    "image/object/bbox/xmax",
    "image/object/class/label",
    "image/object/class/text",
)


def statistics(folder: Path, split: str) -> statistics_pb2.DatasetFeatureStatisticsList:
    """TFDV statistics of one split's records. In memory, without Beam: the annotations of a million images fit, and a
    pipeline would take longer to start than they take to count."""
    examples = [_annotations(data) for shard in records.shards(folder, split) for data in records.serialized(shard)]
    batch = example_coder.ExamplesToRecordBatchDecoder().DecodeBatch(examples)
    return stats_impl.generate_statistics_in_memory(batch, tfdv.StatsOptions())


def _annotations(data: bytes) -> bytes:
    """The serialized example with nothing but FEATURES."""
    features = Example.FromString(data).features.feature
    kept = {name: features[name] for name in FEATURES if name in features}
    return Example(features=Features(feature=kept)).SerializeToString()


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
    path = storage.fetch(file)
    try:
        return text_format.Parse(path.read_text(encoding="utf-8"), schema_pb2.Schema())
    except (OSError, UnicodeDecodeError, text_format.ParseError) as error:
        raise UserError(
            f"--expected-schema {file}: not a TFDV schema as text proto ({error}); give the schema.pbtxt of an earlier run"
        ) from None


def check(
    folder: Path, splits: Sequence[str], classes: Sequence[str], given: schema_pb2.Schema | None = None
) -> tuple[dict[str, Any], schema_pb2.Schema, dict[str, Any]]:
    """Statistics of the splits that have images, the schema (`given`, else that of train; an empty one without either), each
    split's anomalies. Where train and a split have other classes or sizes of images, the split's hold the skew, too."""
    found = {split: statistics(folder, split) for split in splits}
    if "train" not in found:
        return found, given or schema_pb2.Schema(), {}
    expected = given or schema(found["train"], classes)
    anomalies = {split: tfdv.validate_statistics(found[split], expected) for split in splits}
    for split in [split for split in splits if split != "train"]:
        for feature, info in skew(found["train"], found[split], expected):
            anomalies[split].anomaly_info[feature].CopyFrom(info)
    return found, expected, anomalies


def skew(train: Any, split: Any, expected: schema_pb2.Schema) -> Iterator[tuple[str, Any]]:
    """(`feature: skew`, TFDV's anomaly) where the split's values are distributed otherwise than train's. A schema's own
    comparators count; without any, the shares of the classes may differ by SKEW (L-infinity distance)."""
    compared = schema_pb2.Schema()
    compared.CopyFrom(expected)
    if not any(feature.HasField("skew_comparator") for feature in compared.feature):
        with contextlib.suppress(ValueError):  # a given schema may leave the classes out
            tfdv.get_feature(compared, CLASS).skew_comparator.infinity_norm.threshold = SKEW
    for feature, info in tfdv.validate_statistics(train, compared, serving_statistics=split).anomaly_info.items():
        if any(anomalies_pb2.AnomalyInfo.Type.Name(reason.type).startswith("COMPARATOR_") for reason in info.reason):
            yield f"{feature}: skew", info


def reasons(anomalies: dict[str, Any]) -> Iterator[Reason]:
    """Every anomaly as a reason. A value that training cannot read is an error in any split, another distribution is none."""
    for split, found in anomalies.items():
        for feature, info in sorted(found.anomaly_info.items()):
            text = f"{split}: {feature}: {info.short_description}: {info.description}"
            severe = feature.startswith("image/object/") and not feature.endswith(": skew")
            yield (Reason.error if severe else Reason.caveat)("tfdv_anomaly", text, feature)


def write(
    folder_statistics: Path, file_schema: Path, folder_anomalies: Path, checked: tuple[dict, schema_pb2.Schema, dict]
) -> None:
    """statistics/<split>.pbtxt, the schema, anomalies/anomalies_<split>.pbtxt; all text protos."""
    found, expected, anomalies = checked
    for folder in (folder_statistics, folder_anomalies, file_schema.parent):
        folder.mkdir(parents=True, exist_ok=True)
    for split in found:
        tfdv.write_stats_text(found[split], str(folder_statistics / f"{split}.pbtxt"))
    for split in anomalies:
        tfdv.write_anomalies_text(anomalies[split], str(folder_anomalies / f"anomalies_{split}.pbtxt"))
    tfdv.write_schema_text(expected, str(file_schema))

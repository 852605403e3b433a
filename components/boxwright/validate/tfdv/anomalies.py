"""Statistics, schema and anomalies by TensorFlow Data Validation."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import pyarrow as pa

from boxwright.core.findings import Finding
from boxwright.validate.tfdv import arrow_batches, words
from boxwright.validate.tfdv.untyped import (
    Anomalies,
    Anomaly,
    FeatureStatistics,
    Schema,
    Statistics,
    anomaly_messages,
    schema_messages,
    statistics_messages,
    tfdv,
    tfdv_statistics,
)

CLASS = words.CLASS
VERSION: str = tfdv.__version__
# How far the share of a class may differ: between train and another split (skew), or between an earlier run and this one
# (drift).
APART = 0.2
Kind = Literal["skew", "drift"]
# TFDV's argument for the statistics to compare with.
_CONTROL: dict[Kind, str] = {"skew": "serving_statistics", "drift": "previous_statistics"}


class Counter:
    """TFDV statistics of batches, one after the other, so that memory does not grow with them.

    They are computed without Beam: a pipeline takes longer to start than they take to count.
    """

    def __init__(self) -> None:
        self._generators = tfdv_statistics.get_generators(tfdv.StatsOptions(), in_memory=True)
        self._partial = [generator.create_accumulator() for generator in self._generators]

    def add(self, batch: pa.RecordBatch) -> None:
        """batch: of `arrow_batches.read`."""
        names = list(arrow_batches.COUNTED)
        counted = pa.RecordBatch.from_arrays([batch.column(name) for name in names], names)
        both = zip(self._generators, self._partial, strict=True)
        self._partial = [generator.add_input(partial, counted) for generator, partial in both]

    def result(self) -> Statistics:
        return tfdv_statistics.extract_statistics_output(self._partial, self._generators)


def infer_schema(train: Statistics, classes: Sequence[str]) -> Schema:
    """The schema of train, with what a detector needs: sides in 0..1, no NaN, labels of the label map, and any number of objects
    an image, including none."""
    inferred = tfdv.infer_schema(train, infer_feature_shape=False, max_string_domain_size=0)
    for feature in inferred.feature:
        if feature.name.startswith("image/object/"):
            feature.ClearField("presence")
            feature.ClearField("value_count")
        if "/bbox/" in feature.name:
            tfdv.set_domain(inferred, feature.name, schema_messages.FloatDomain(min=0, max=1, disallow_nan=True))
        if feature.name.endswith("class/label"):
            tfdv.set_domain(inferred, feature.name, schema_messages.IntDomain(min=1, max=len(classes)))
        if feature.name.endswith("class/text"):
            tfdv.set_domain(inferred, feature.name, schema_messages.StringDomain(name="classes", value=list(classes)))
    return inferred


def check(
    found: Mapping[str, Statistics],
    classes: Sequence[str],
    given: Schema | None,
    previous: Mapping[str, Statistics],
) -> tuple[Schema, dict[str, Anomalies]]:
    """The schema and the anomalies of each split, including skew (against train) and drift (against the same split of an earlier
    run).

    found, previous: statistics of the splits that have images, now and in an earlier run. The schema is `given`, else that of
    train. If train has no object, it is that of the next split; without train it is empty.
    """
    if "train" not in found:
        return given or schema_messages.Schema(), {}
    found = {split: _with_values(statistics) for split, statistics in found.items()}
    # A split without objects would make the object features of the others unknown columns.
    typical = next((statistics for statistics in found.values() if CLASS in _names(statistics)), found["train"])
    expected = given or infer_schema(typical, classes)
    anomalies = {split: tfdv.validate_statistics(statistics, expected) for split, statistics in found.items()}
    compared: list[tuple[str, Kind, Statistics, Statistics]] = [
        *((split, "skew", found["train"], found[split]) for split in found if split != "train"),
        *((split, "drift", found[split], previous[split]) for split in found if split in previous),
    ]
    for split, kind, statistics, control in compared:
        for name, info in _differences(kind, statistics, control, expected):
            anomalies[split].anomaly_info[name].CopyFrom(info)
    return expected, anomalies


def _with_values(statistics: Statistics) -> Statistics:
    """The statistics without object features that have no value in the split. TFDV would report 0 as their minimum."""
    kept = statistics_messages.DatasetFeatureStatisticsList()
    kept.CopyFrom(statistics)
    for dataset in kept.datasets:
        features = [feature for feature in dataset.features if not _valueless(feature)]
        del dataset.features[:]
        dataset.features.extend(features)
    return kept


def _valueless(feature: FeatureStatistics) -> bool:
    counted = feature.WhichOneof("stats")
    values = getattr(feature, counted).common_stats.tot_num_values if counted else 0
    return _name(feature).startswith("image/object/") and not values


def _names(statistics: Statistics) -> set[str]:
    return {_name(feature) for dataset in statistics.datasets for feature in dataset.features}


def _name(feature: FeatureStatistics) -> str:
    return "/".join(feature.path.step) or feature.name


def _differences(
    kind: Kind, statistics: Statistics, control: Statistics, expected: Schema
) -> Iterator[tuple[str, Anomaly]]:
    """(`feature: kind`, TFDV's anomaly) for each feature whose values are distributed differently in `control`.

    A schema's own comparators of that kind count. Without any, the shares of the classes may differ by APART (L-infinity
    distance).
    """
    comparator, compared = f"{kind}_comparator", schema_messages.Schema()
    compared.CopyFrom(expected)
    in_both = _names(statistics) & _names(control)
    if CLASS in in_both and not any(feature.HasField(comparator) for feature in compared.feature):
        with contextlib.suppress(ValueError):  # a given schema may lack the classes
            getattr(tfdv.get_feature(compared, CLASS), comparator).infinity_norm.threshold = APART
    found = tfdv.validate_statistics(statistics, compared, **{_CONTROL[kind]: control})
    for feature, info in found.anomaly_info.items():
        if feature in in_both and any(_is_comparison(reason) for reason in info.reason):
            yield f"{feature}: {kind}", info


def _is_comparison(reason: Anomaly) -> bool:
    return anomaly_messages.AnomalyInfo.Type.Name(reason.type).startswith("COMPARATOR_")


def findings(anomalies: Mapping[str, Anomalies]) -> Iterator[Finding]:
    """One finding for each anomaly. A value that training cannot read stops the pipeline; another distribution does not."""
    for split, found in anomalies.items():
        for feature, info in sorted(found.anomaly_info.items()):
            yield _finding(split, feature, info)


def _finding(split: str, feature: str, info: Anomaly) -> Finding:
    stops = feature.startswith("image/object/") and not feature.endswith((": skew", ": drift"))
    return Finding(
        id="tfdv_anomaly",
        subject=f"{split} {feature}",
        cause="data_quality" if stops else "split",
        severity="high" if stops else "medium",
        stops=stops,
        title=words.title(split, feature),
        claim=words.claim(split, feature, info),
        items=(feature,),
        remedy="Correct the annotations that have these values and convert again."
        if stops
        else "If the difference is not intended, make the splits again. If it is, say why: "
        '`--accept "tfdv_anomaly=REASON"`.',
    )

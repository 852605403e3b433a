"""Validates the records: statistics, checks, verdict and page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.artifacts.validation import Validation, Verdict
from boxwright.core.findings import SEVERITIES, Finding
from boxwright.core.html import page_base
from boxwright.core.records import tables, tfrecords
from boxwright.validate import accepted_risks, figures, split_stats
from boxwright.validate.checks import boxes, consistency, leaks, losses, manifest, quarantined, repeats, seen_pictures
from boxwright.validate.checks.manifest import ObjectCounts
from boxwright.validate.checks.quarantined import Cause
from boxwright.validate.config import Config
from boxwright.validate.split_stats import SplitStats
from boxwright.validate.tfdv import anomalies, arrow_batches, files
from boxwright.validate.tfdv.untyped import Statistics


@dataclass(frozen=True, eq=False)
class Validated:
    """validation: the content of validation.json. anomalies: how many TFDV found. splits: the counts of each split."""

    validation: Validation
    dataset: Dataset
    anomalies: int
    splits: dict[str, SplitStats]


def validate(config: Config) -> Validated:
    """Reads the records, writes TFDV's files, and judges.

    Raises UserError if the folder is not one that convert wrote, if the tables belong to other data, and for a wrong schema or
    accepted risk.
    """
    risks = accepted_risks.parse(config.accept)
    dataset = tfrecords.manifest(config.records)
    given = files.read_schema(config.expected_schema) if config.expected_schema else None
    previous = files.read_previous(config.previous_statistics) if config.previous_statistics else {}
    splits, statistics = count(config.records)
    consistency.check(config.records, config.tables, dataset, splits)
    schema, found = anomalies.check(statistics, dataset.class_names, given, previous)
    files.write(config, statistics, schema, found)
    lost = quarantined.read(config.records, dataset)
    judged = [*findings(dataset, lost, config.records, config.tables, splits), *anomalies.findings(found)]
    ordered = tuple(sorted(accepted_risks.accept(judged, risks), key=_rank))
    number = sum(len(one.anomaly_info) for one in found.values())
    return Validated(Validation(verdict=verdict(ordered), findings=ordered), dataset, number, splits)


def count(folder: Path) -> tuple[dict[str, SplitStats], dict[str, Statistics]]:
    """The counts of each split, and the TFDV statistics of those with images, in one pass over the batches."""
    splits, statistics = {}, {}
    for split in tfrecords.SPLITS:
        parts, counted = [], anomalies.Counter()
        for batch in arrow_batches.read(folder, split):
            parts.append(split_stats.from_batch(batch))
            counted.add(batch)
        splits[split] = split_stats.merge(parts)
        if parts:
            statistics[split] = counted.result()
    return splits, statistics


def findings(
    dataset: Dataset, lost: list[Cause], records: Path, folder: Path, splits: dict[str, SplitStats]
) -> list[Finding]:
    """The findings of our own checks. lost: what convert did not store. records: their folder. folder: of the tables."""
    counted = object_counts(folder)
    leaked = list(leaks.findings(records, tables.images(folder, seen_pictures.COLUMNS), splits, dataset.made_splits))
    objects = tables.read(folder, [], ["class", "width_px", "height_px"])[1]
    return [
        *manifest.empty_splits(dataset, counted),
        *manifest.missing_classes(dataset, counted),
        *boxes.counts(dataset, splits),
        *boxes.broken(splits),
        *losses.findings(dataset, lost),
        *repeats.findings(splits),
        *leaked,
        *boxes.implausible(objects),
        # convert's notice has the same cause as the leak, and less to say.
        *(notice for notice in manifest.notices(dataset) if not (leaked and notice.id == "near_copies_apart")),
    ]


def object_counts(folder: Path) -> ObjectCounts:
    """folder: of the tables."""
    _, objects = tables.read(folder, [], ["image_id", "split", "class", "crowd"])
    crowds = objects[objects.crowd.eq(True)]
    return ObjectCounts(
        crowds=Counter(zip(crowds["split"], crowds["class"], strict=True)),
        images=objects[~objects.crowd.eq(True)].groupby("class").image_id.nunique().to_dict(),
    )


def _rank(finding: Finding) -> tuple[bool, int]:
    return not finding.stops, SEVERITIES.index(finding.severity)


def verdict(findings: Sequence[Finding]) -> Verdict:
    if any(finding.stops for finding in findings):
        return "not_ready"
    return "ready_with_caveats" if any(finding.severity != "info" for finding in findings) else "ready"


def page(config: Config, found: Validated) -> str:
    """The HTML page."""
    judged = found.validation.findings
    return page_base.render(
        "validation.html.j2",
        "boxwright.validate",
        verdict=found.validation.verdict,
        dataset=found.dataset,
        splits={split: stats for split, stats in found.splits.items() if stats.images},
        stops=[finding for finding in judged if finding.stops],
        doubts=[f for f in judged if not (f.stops or f.accepted or f.severity == "info")],
        accepted=[finding for finding in judged if finding.accepted],
        notes=[f for f in judged if f.severity == "info" and not f.accepted],
        tfdv_version=anomalies.VERSION,
        anomalies=found.anomalies,
        figures=figures.draw(config.tables, found.splits, {one.id: one.name for one in found.dataset.classes}),
    )

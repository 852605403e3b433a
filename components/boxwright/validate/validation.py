"""From records to verdict and page: what `step.run` does, in one place."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxwright.core.html import page_base
from boxwright.core.records import tables, tfrecords
from boxwright.validate import arrow_batches, consistency, examples, figures, pictures, reasons, tfdv
from boxwright.validate.config import Config
from boxwright.validate.reasons import Reason

_ORDER = ("error", "caveat", "info")


@dataclass(frozen=True, eq=False)
class Validation:
    """reasons: most severe first; anomalies: how many TFDV found; splits: what was read of each."""

    verdict: str
    reasons: tuple[Reason, ...]
    anomalies: int
    splits: dict[str, examples.Split]
    tfdv_version: str = tfdv.VERSION


def validate(config: Config) -> Validation:
    """Raises UserError when the folder is not one that convert wrote, when the tables are of other data, and for a wrong
    schema or accepted risk."""
    risks = reasons.parse_accepted(config.accept)
    manifest = tfrecords.manifest(config.records).model_dump()
    given = tfdv.read_schema(config.expected_schema) if config.expected_schema else None
    previous = tfdv.read_previous(config.previous_statistics) if config.previous_statistics else {}
    splits, statistics = read(config.records)
    consistency.check(config.records, config.tables, manifest, splits)
    schema, anomalies = tfdv.check(statistics, tfrecords.classes(config.records), given, previous)
    tfdv.write(config, statistics, schema, anomalies)
    found = [
        *reasons.of_splits(manifest, crowds(config.tables)),
        *reasons.of_counts(manifest, {split: (totals.images, totals.objects) for split, totals in splits.items()}),
        *examples.broken(splits),
        *tfdv.reasons(anomalies),
        *reasons.of_quarantine(manifest),
        *examples.copies(splits),
        *pictures.reasons(config.tables, splits),
        *reasons.of_notices(manifest),
    ]
    ordered = tuple(sorted(reasons.with_accepted(found, risks), key=lambda reason: _ORDER.index(reason.severity)))
    return Validation(reasons.verdict(ordered), ordered, sum(len(a.anomaly_info) for a in anomalies.values()), splits)


def read(folder: Path) -> tuple[dict[str, examples.Split], dict[str, Any]]:
    """What was read of every split, and the TFDV statistics of those that have images: one pass, a batch at a time."""
    splits, statistics = {}, {}
    for split in tfrecords.SPLITS:
        parts, counted = [], tfdv.Statistics()
        for batch in arrow_batches.read(folder, split):
            parts.append(examples.of(batch))
            counted.add(batch)
        splits[split] = examples.merged(parts)
        if parts:
            statistics[split] = counted.result()
    return splits, statistics


def crowds(folder: Path) -> Counter[tuple[str, str]]:
    """How many of the objects of a (split, class) are crowds. folder: of the tables."""
    _, objects = tables.read(folder, [], ["split", "class", "crowd"])
    found = objects[objects.crowd.eq(True)]
    return Counter(zip(found["split"], found["class"], strict=True))


def page(config: Config, found: Validation) -> str:
    """The HTML page."""
    manifest = tfrecords.manifest(config.records).model_dump()
    return page_base.render(
        "validation.html.j2",
        "boxwright.validate",
        found=found,
        manifest=manifest,
        accepted=[reason for reason in found.reasons if reason.accepted],
        open=[reason for reason in found.reasons if not reason.accepted],
        splits=[split for split in tfrecords.SPLITS if found.splits[split].images],
        figures=figures.draw(config.tables, found.splits, {c["id"]: c["name"] for c in manifest["classes"]}),
    )

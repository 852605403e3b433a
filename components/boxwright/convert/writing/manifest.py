"""Builds `dataset.json`, and checks that everything found was either stored or quarantined."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from boxwright.convert.plan.example_plan import Plan, PlannedImage
from boxwright.convert.reading.source import Reject
from boxwright.convert.stored import stored_notices
from boxwright.convert.writing.shards import Shard, Written
from boxwright.core.artifacts import dataset
from boxwright.core.artifacts.dataset import ClassName, Counts, Dataset, Quarantined, Rejected, Split, SplitName
from boxwright.core.records.tfrecords import SPLITS
from boxwright.core.runtime import digests, printable

# Characters of a file and of a value in quarantine.jsonl. Linux takes paths of up to 4096 bytes.
_LONGEST_FILE, _LONGEST_VALUE = 4096, 200


def build(
    plan: Plan, shards: Sequence[Shard], written: Sequence[Written], rejects: Sequence[Reject], source: str
) -> Dataset:
    """Every number but `found` counts what was really stored. source: the name of the data's folder.

    Raises RuntimeError if an image or object is lost.
    """
    reconcile_shards(shards, written)
    splits: dict[SplitName, Split] = {split: _split(split, plan.classes, shards, written) for split in SPLITS}
    classes = tuple(ClassName(id=i, name=name) for i, name in enumerate(plan.classes, 1))
    stored = [image for w in written for image, _ in w.images]
    notes = Counter(pixels.note for w in written for _, pixels in w.images)
    built = Dataset(
        digest=_content_digest(classes, shards, written),
        format=plan.format,
        source=source,
        classes=classes,
        splits=splits,
        found=Counts(images=plan.found_images, objects=plan.found_objects),
        quarantined=Quarantined(
            images=_count_reasons(r for r in rejects if r.object is None),
            objects=_count_reasons(r for r in rejects if r.object is not None),
        ),
        notices=(*plan.notices, *stored_notices.build(stored, notes, plan.classes, splits)),
        split_by=plan.split_by,
    )
    reconcile_totals(built)
    return built


def write(folder: Path, built: Dataset, rejects: Sequence[Reject]) -> None:
    """Writes `dataset.json` and `quarantine.jsonl`."""
    dataset.write(folder / dataset.FILE, built)
    dataset.write_quarantine(folder / dataset.QUARANTINE, map(_line, rejects))


def _line(reject: Reject) -> Rejected:
    """A line of quarantine.jsonl. Value and name are a stranger's: they may be long, and may hold halves of characters."""
    value, name = (printable.visible_line(text[:_LONGEST_VALUE]) for text in (reject.value, reject.name))
    return Rejected.model_construct(
        **reject._replace(file=reject.file[:_LONGEST_FILE], value=value, name=name)._asdict()
    )


def _count_reasons(rejects: Iterable[Reject]) -> dict[str, int]:
    return dict(sorted(Counter(reject.reason for reject in rejects).items()))


def _split(split: SplitName, classes: Sequence[str], shards: Sequence[Shard], written: Sequence[Written]) -> Split:
    pairs = [(s, w) for s, w in zip(shards, written, strict=True) if s.name.startswith(f"{split}-")]
    images: list[PlannedImage] = [image for _, w in pairs for image, _ in w.images]
    names = Counter(o.name for image in images for o in image.objects)
    return Split(
        images=len(images),
        objects=names.total(),
        per_class={name: names[name] for name in classes},
        shards=len(pairs),
    )


def reconcile_shards(shards: Sequence[Shard], written: Sequence[Written]) -> None:
    """Compares what was written with what was counted in the files themselves.

    A lost record is a bug, not a user's mistake. Beam's threaded mode silently lost records in 4 of 8 runs.
    """
    for shard, outcome in zip(shards, written, strict=True):
        counts = (outcome.records, outcome.objects)
        expected = (len(outcome.images), sum(len(image.objects) for image, _ in outcome.images))
        if counts != expected:
            raise RuntimeError(f"{shard.name} holds {counts} images and objects, expected {expected}")


def reconcile_totals(built: Dataset) -> None:
    stored = built.splits.values()
    for what, found, arrived, rejected in (
        ("images", built.found.images, sum(s.images for s in stored), sum(built.quarantined.images.values())),
        ("objects", built.found.objects, sum(s.objects for s in stored), sum(built.quarantined.objects.values())),
    ):
        if arrived + rejected != found:
            raise RuntimeError(f"{found} {what} found, {arrived} stored and {rejected} quarantined")


def _content_digest(classes: Sequence[ClassName], shards: Sequence[Shard], written: Sequence[Written]) -> str:
    """Digest of the shards' contents and the label map. It does not depend on the folders of the data and the records."""
    files = {shard.name: outcome.digest for shard, outcome in zip(shards, written, strict=True)}
    return digests.of_json({"shards": files, "classes": [name.model_dump() for name in classes]})

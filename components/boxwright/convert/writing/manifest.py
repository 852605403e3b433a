"""`dataset.json`: what arrived, what did not, and the proof that nothing is missing in between."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from boxwright.convert.plan.example_plan import Plan, PlannedImage
from boxwright.convert.reading.source import Notice, Reject
from boxwright.convert.writing.shards import Shard, Written
from boxwright.core.records import tfrecords
from boxwright.core.runtime import digests


def build(
    plan: Plan, shards: Sequence[Shard], written: Sequence[Written], rejects: Sequence[Reject], source: str
) -> dict:
    """Every number but `found` is of what was really stored. source: the name of the data's folder."""
    splits = {split: _split(split, plan.classes, shards, written) for split in tfrecords.SPLITS}
    stored = [image for w in written for image, _ in w.images]
    return {
        "digest": "",
        "format": plan.format,
        "source": source,
        "classes": [{"id": i, "name": name} for i, name in enumerate(plan.classes, 1)],
        "splits": splits,
        "found": {"images": plan.found_images, "objects": plan.found_objects},
        "quarantined": {
            "images": dict(sorted(Counter(r.reason for r in rejects if r.object is None).items())),
            "objects": dict(sorted(Counter(r.reason for r in rejects if r.object is not None).items())),
        },
        "notices": [n._asdict() for n in (*plan.notices, *_of_images(stored), *_late_notices(plan, splits, written))],
        "split_by": plan.split_by,
    }


def _split(split: str, classes: Sequence[str], shards: Sequence[Shard], written: Sequence[Written]) -> dict:
    images = [i for s, w in zip(shards, written, strict=True) if s.name.startswith(f"{split}-") for i, _ in w.images]
    names = Counter(o.name for image in images for o in image.objects)
    return {
        "images": len(images),
        "objects": names.total(),
        "per_class": {name: names[name] for name in classes},
        "shards": sum(shard.name.startswith(f"{split}-") for shard in shards),
    }


def _of_images(images: Sequence[PlannedImage]) -> list[Notice]:
    """What is odd about the stored images."""
    clipped = sum(o.clipped for image in images for o in image.objects)
    negatives = sum(not image.objects for image in images)
    turned = sum(image.upright for image in images)
    ignored = sum(image.header.orientation != 1 and not image.upright for image in images)
    most = max(len(image.objects) for image in images)
    possible = (
        ("clipped", clipped, f"{clipped} boxes reached over the edge of their image and were clipped"),
        ("negatives", negatives, f"{negatives} images have no objects: kept as background"),
        ("exif_applied", turned, f"{turned} images were turned upright by their EXIF orientation"),
        ("exif_ignored", ignored, f"{ignored} images are stored as their pixels lie: their boxes were drawn so"),
        ("many_objects", most if most > 100 else 0, f"an image has {most} objects: the OD API pads to 100 by default"),
    )
    return [Notice(code, text, value) for code, value, text in possible if value]


def _late_notices(plan: Plan, splits: dict, written: Sequence[Written]) -> list[Notice]:
    """What only decoding shows."""
    notes = Counter(stored.note for w in written for _, stored in w.images)
    texts = {
        "repaired": "JPEG and PNG files that decoders complain about were decoded and stored anew",
        "dark_16_bit": "16-bit images use less than a sixteenth of their range and were stored nearly black: scale them up first",
        "re_encoded": "images were stored anew as 8-bit RGB: other formats and colour modes are not read in training",
    }
    notices = [Notice(code, f"{notes[code]} {text}", notes[code]) for code, text in texts.items() if notes[code]]
    empty = [split for split, counts in splits.items() if not counts["images"]]
    if empty:
        fallback = "; evaluation will use val" if empty == ["test"] else ""
        notices.append(Notice("empty_split", f"no image in {' and '.join(empty)}{fallback}", len(empty)))
    for name in plan.classes:
        absent = [split for split, counts in splits.items() if counts["images"] and not counts["per_class"][name]]
        if absent:
            text = f"class {name!r} has no object in {' and '.join(absent)}"
            notices.append(Notice("class_absent", text, name))
    return notices


def reconcile(manifest: dict, shards: Sequence[Shard], written: Sequence[Written]) -> None:
    """Compares the records and objects counted in the files themselves. Raises RuntimeError when one is lost: that is never the
    user's fault (Beam's threaded mode lost records silently in 4 of 8 runs)."""
    for shard, outcome in zip(shards, written, strict=True):
        counts = (outcome.records, outcome.objects)
        expected = (len(outcome.images), sum(len(image.objects) for image, _ in outcome.images))
        if counts != expected:
            raise RuntimeError(f"{shard.name} holds {counts} images and objects, {expected} were written to it")
    for what in ("images", "objects"):
        arrived = sum(split[what] for split in manifest["splits"].values())
        rejected = sum(manifest["quarantined"][what].values())
        if arrived + rejected != manifest["found"][what]:
            raise RuntimeError(f"{manifest['found'][what]} {what} found, {arrived} stored and {rejected} quarantined")


def content_digest(manifest: dict, shards: Sequence[Shard], written: Sequence[Written]) -> str:
    """Of the shards' contents and the label map: where the data lay and where it goes does not matter."""
    files = {shard.name: outcome.digest for shard, outcome in zip(shards, written, strict=True)}
    return digests.of_json({"shards": files, "classes": manifest["classes"]})


def write(folder: Path, manifest: dict, rejects: Sequence[Reject]) -> None:
    (folder / tfrecords.MANIFEST).write_text(
        json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    lines = (json.dumps(reject._asdict(), ensure_ascii=False) + "\n" for reject in rejects)
    (folder / tfrecords.QUARANTINE).write_text("".join(lines), encoding="utf-8")

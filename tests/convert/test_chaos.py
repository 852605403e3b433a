# environment: data
"""Data with several faults at once, with every option. The result is what was put in, or a UserError."""

import io
import os
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import chaos
import numpy as np
import pytest
from chaos import SPLITS, Picture
from chaos_expected import SOURCE, Expected, expected
from chaos_formats import FORMATS
from chaos_listing import Listing
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from boxwright.core import labels
from boxwright.core.records import tables
from boxwright.core.records import tfrecords as records_io
from boxwright.core.runtime.errors import UserError

# The same sets each time, so that a change is judged by itself; with BOXWRIGHT_FUZZ=10 new ones, ten times as many.
MORE = int(os.environ.get("BOXWRIGHT_FUZZ", 1))
FLAGS = {
    "pixels": st.sampled_from(["decode", "decode", "trust"]),
    "fix": st.sampled_from(["clip", "clip", "drop", "fail"]),
    "missing": st.sampled_from(["quarantine", "quarantine", "fail"]),
    "max_objects": st.sampled_from([0, 1000, 4]),
    "shards": st.sampled_from([0, 1, 3]),
    "group": st.sampled_from(["", "", SOURCE.pattern]),
    "split_fractions": st.sampled_from(["0.7,0.15,0.15", "0.5,0.25,0.25", "0.6,0.4,0", "0.5,0,0.5", "1,0,0"]),
    "seed": st.integers(0, 3),
}
# As given, and those whose classes are more or fewer than the data's.
LABEL_MAPS = (None, None, chaos.CLASSES, ("fish", "cat", "bird", "dog"), ("dog", "cat"))
SETS = [*((name,) for name in FORMATS), ("coco", "yolo_folders"), ("tfrecords", "voc"), ("csv", "darknet")]
MESSAGES = {
    "missing": "missing: .*re-run with --missing quarantine",
    "partly outside": "lies? partly outside .*re-run with --fix",
    "no usable object": "no usable object is left|holds no annotations|does not exist",
    "label map": "--label-map lacks .*add an item",
    "group": "matches none of .*correct it",
    "decoded": "no image with objects can be decoded .*copy the images again",
}


def in_words(reason: str) -> str:
    """Whether a cut file is truncated or undecodable depends on the place of the cut and on the decoder."""
    return "damaged" if reason in ("truncated", "undecodable") else reason


def check_counts(out, want: Expected) -> None:
    lost = Counter((line["file"], line["object"], in_words(line["reason"])) for line in out.quarantine)
    assert lost == Counter((name, index, in_words(reason)) for name, index, reason in want.lost.elements())
    stored = {"images": len(want.kept), "objects": sum(len(k.objects) for k in want.kept)}
    for what, number in stored.items():
        rejected = sum(n for (_, index, _), n in lost.items() if (index is None) == (what == "images"))
        assert out.manifest["found"][what] == number + rejected
        assert sum(split[what] for split in out.manifest["splits"].values()) == number
        assert sum(out.manifest["quarantined"][what].values()) == rejected


def check_records(out, want: Expected) -> None:
    names = [c["name"] for c in out.manifest["classes"]]
    assert [item.name for item in labels.read(out.records / records_io.LABEL_MAP)] == names
    found = [r for split in SPLITS for r in records_io.read(out.records, split)]
    by_name = {k.listing.filename: k for k in want.kept}
    assert sorted(r.filename for r in found) == sorted(by_name)
    for r in found:
        kept = by_name[r.filename]
        assert (r.width, r.height) == kept.listing.frame == Image.open(io.BytesIO(r.encoded)).size
        assert [names[i - 1] for i in r.class_ids] == [name for name, _, _ in kept.objects.values()]
        boxes = np.array([box for _, box, _ in kept.objects.values()]).reshape(-1, 4)
        assert np.abs(r.boxes_yxyx - boxes).max(initial=0) < 1e-6


def check_tables(out, want: Expected) -> None:
    images, objects = tables.read(out.tables)
    records = {(split, r.filename): r for split in SPLITS for r in records_io.read(out.records, split)}
    assert sorted(zip(images.split, images.filename, strict=True)) == sorted(records)
    for image in images.to_dict("records"):
        rows = objects.loc[objects.image_id == image["image_id"]]
        record = records[image["split"], image["filename"]]
        assert (image["objects"], image["width"], image["height"]) == (len(rows), record.width, record.height)
        assert set(rows.split) <= {image["split"]}
        assert (rows[["ymin", "xmin", "ymax", "xmax"]].to_numpy() == record.boxes_yxyx).all()
        assert list(rows.class_id) == list(record.class_ids)
    assert objects.clipped.sum() == sum(clipped for k in want.kept for _, _, clipped in k.objects.values())


def split_of(out) -> dict[str, str]:
    images = tables.read(out.tables)[0]
    return dict(zip(images.filename, images.split, strict=True))


def check_splits(out, want: Expected, flags: dict) -> None:
    splits = split_of(out)
    assert all(split in want.splits[name].split("|") for name, split in splits.items())
    shares = dict(zip(map(str, SPLITS), map(float, flags["split_fractions"].split(",")), strict=True))
    if "train|val|test" in want.splits.values():
        assert all(shares[split] for split in splits.values())
    near = flags["pixels"] == "decode" and "near_copies_apart" not in out.notices
    together = defaultdict(set)
    for k in want.opened:
        if split := splits.get(k.listing.filename):  # else it was damaged
            source = SOURCE.search(k.listing.filename) if flags["group"] else None
            for bond in bonds(k.listing.picture, near):
                together[bond].add(split)
            together[source[1] if source else k.listing.filename].add(split)
    assert all(len(found) == 1 for found in together.values())


def bonds(picture: Picture, near: bool) -> list:
    """Two images with one of these keys in common must stay in one split: equal bytes, and equal looks."""
    alike = near and picture.kind == "jpg" and not picture.turned
    return [picture.content(), *([(picture.look, picture.size)] if alike else [])]


def check_notices(out, want: Expected, flags: dict, given_map: Sequence[str] | None) -> None:
    splits = split_of(out)
    pictures = [k.listing.picture for k in want.kept]
    ignored = sum(
        p.turned and p.size[0] != p.size[1] and not k.listing.upright for k, p in zip(want.kept, pictures, strict=True)
    )
    equal = Counter(k.listing.picture.content() for k in want.opened)
    sources = Counter(m[1] for k in want.opened if flags["group"] and (m := SOURCE.search(k.listing.filename)))
    counts = {
        "clipped": sum(clipped for k in want.kept for _, _, clipped in k.objects.values()),
        "negatives": sum(not k.objects for k in want.kept),
        "exif_applied": sum(p.orientation > 1 for p in pictures) - ignored,
        "exif_ignored": ignored,
        "re_encoded": sum(p.kind in ("cmyk", "palette", "16_bit", "gif") for p in pictures),
        "outside_splits": want.outside,
        "empty_split": len(set(SPLITS) - set(splits.values())),
        "equal_files_together": sum(n for n in equal.values() if n > 1),
        "sources_together": sum(n for n in sources.values() if n > 1),
    }
    assert {code: out.notices.get(code, 0) for code in counts} == counts
    if flags["pixels"] == "decode":
        assert out.notices.get("split_made", len(splits)) == len(splits)
        assert out.notices.get("val_carved", 0) in (0, list(splits.values()).count("val"))
    assert [c["name"] for c in out.manifest["classes"]] == list(given_map or sorted(want.classes))
    unused = {notice["subject"] for notice in out.manifest["notices"] if notice["id"] == "unused_category"}
    assert set(given_map or ()) - want.classes <= unused <= {"bird", *chaos.CLASSES} - want.classes


def written(root: Path, formats: Sequence[str], drawn: Sequence[list[Picture]]) -> tuple[str, list[Listing]]:
    """The value of --data, and the listings in it. With several sets, names begin with the name of the set."""
    listings = []
    for kind, pictures in zip(formats, drawn, strict=True):
        (root / kind).mkdir(parents=True)
        prefix = f"{kind}/" if len(formats) > 1 else ""
        listings += [replace(one, filename=prefix + one.filename) for one in FORMATS[kind](root / kind, pictures)]
    return ",".join(str(root / kind) for kind in formats), listings


def bytes_of(out) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for folder in (out.records, out.tables) for file in folder.iterdir()}


@pytest.mark.parametrize("formats", SETS, ids="+".join)
def test_chaos(tmp_path, convert, formats):
    @settings(max_examples=15 * MORE)
    @given(
        st.tuples(*(chaos.pictures() for _ in formats)), st.fixed_dictionaries(FLAGS), st.sampled_from(LABEL_MAPS),
        st.integers(0, 20 * MORE),
    )  # fmt: skip
    def ends_well(drawn, flags, given_map, again):
        for folder in ("data", "out", "cache"):
            shutil.rmtree(tmp_path / folder, ignore_errors=True)
        data, listings = written(tmp_path / "data", formats, drawn)
        want = expected(listings, flags, given_map)
        labels.write(given_map or (), tmp_path / "map.pbtxt")
        options = flags | {"label_map": str(tmp_path / "map.pbtxt") if given_map else ""}
        try:
            out = convert(data, **options, workers=1)
        except UserError as error:
            nothing = len(formats) > 1 and "holds no annotations" in str(error)
            assert nothing or any(re.search(MESSAGES[code], str(error)) for code in want.errors)
            return
        assert not want.errors
        check_counts(out, want)
        check_records(out, want)
        check_tables(out, want)
        check_splits(out, want, flags)
        check_notices(out, want, flags, given_map)
        if again == 0:
            first = bytes_of(out)
            assert bytes_of(convert(data, **options, workers=2)) == first

    ends_well()

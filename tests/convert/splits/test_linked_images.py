# environment: data
"""Images that belong together: copies by bytes, name, or look, and images of one source."""

import json
from pathlib import Path

import numpy as np
import pytest
from noticed import noticed
from PIL import Image

from boxwright.convert.splits import grouping, linked_images
from boxwright.core.runtime.errors import UserError


def test_groups_versions_and_copies(tmp_path):
    """The copy of a version belongs to all versions. Equal size proves nothing. A name ends at its last `.rf.`."""
    texts = {"a.rf.1.jpg": "1", "a.rf.2.jpg": "22", "copy.jpg": "22", "other.jpg": "33", "a.rf.b.rf.1.jpg": "4444"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    files = [tmp_path / name for name in texts]
    links = (
        linked_images.equal_files(files, [file.stat().st_size for file in files]),
        linked_images.roboflow_versions(files),
    )
    assert [link.pairs.tolist() for link in links] == [[[1, 2]], [[0, 1]]]
    found = linked_images.groups(5, links)
    assert found[0] == found[1] == found[2] and len(set(found[2:])) == 3


def test_groups_near_copies():
    """The third hash is one bit from the first; the last is that of its mirror image: rows reversed and negated."""
    row, mirror = 0b1100_1010, 0b1010_1100
    first = f"{row:02x}" * 8
    hashes = [first, None, f"{row:02x}" * 7 + f"{row ^ 1:02x}", "0" * 16, None, "0" * 16, f"{mirror:02x}" * 8]
    assert linked_images.groups(7, [linked_images.near_copies(hashes)]) == [0, 1, 0, 2, 3, 4, 0]
    assert linked_images.near_copies([None, None]).pairs.shape == (0, 2)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("", [None] * 4),
        ("scan[0-9]+", ["scan12", "scan12", "scan7", None]),
        ("(scan[0-9]+)_([ab])", ["scan12", "scan12", "scan7", None]),
        (r"^(\w+)/", ["day1", "day2", "day2", "day2"]),
        ("_(a)|b", ["a", None, "a", None]),  # of the second branch no group is matched
    ],
)
def test_source_is_first_group_or_whole_match(group, expected):
    names = ["day1/scan12_a.jpg", "day2/scan12_b.jpg", "day2/scan7_a.jpg", "day2/other.jpg"]
    assert grouping.sources(names, [None] * 4, group) == expected


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ("(scan", r"--group '\(scan' is not a regular expression \(missing \)"),
        ("(" * 5_000 + ")" * 5_000, r"--group '\(\(.* is not a regular expression \(maximum recursion depth"),
        ("(scan){99999999999}", r"is not a regular expression \(the repetition number is too large"),
        ("plot", "matches none of 1 image names"),
        ("column:", "matches none of 1 image names"),
        ("column:patient", "--group column:patient: none of 1 images has this field in its annotation; formats"),
    ],
)
def test_refuses_a_group_without_sources(group, message):
    with pytest.raises(UserError, match=message):
        grouping.sources(["a.jpg"], [None], group)


def test_notice_counts_images_and_groups():
    """Four of five images have one of two sources."""
    notice = linked_images.one_source(["a", "b", None, "b", "a"]).notice(5)
    assert noticed([notice]) == {"sources_together": 4}
    assert notice.claim == "4 images form 2 groups, each kept in one split: of one source by --group"


OBJECT = (1, [4, 4, 20, 20])


@pytest.fixture
def photo():
    """Makes a picture that looks like something, unlike others by its seed: 8 x 8 patches of chance, made smooth."""

    def photo(seed: int, size: tuple[int, int] = (64, 48)) -> Image.Image:
        patches = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
        return Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)

    return photo


def with_given_splits(data: Path) -> Path:
    """Puts the annotations of the images of each folder `train`, `val` and `test` into a file of their own."""
    whole = json.loads((data / "instances.json").read_text())
    (data / "instances.json").unlink()
    for split in ("train", "val", "test"):
        images = [i for i in whole["images"] if i["file_name"].startswith(f"{split}/")]
        if images:
            (data / f"instances_{split}.json").write_text(json.dumps(whole | {"images": images} | _of(images, whole)))
    return data


def _of(images: list[dict], whole: dict) -> dict:
    kept = {image["id"] for image in images}
    return {"annotations": [a for a in whole["annotations"] if a["image_id"] in kept]}


def splits_of(out) -> dict[str, str]:
    import pandas as pd

    images = pd.read_parquet(out.tables / "images.parquet")
    return {name.removeprefix("images/"): split for name, split in zip(images.filename, images.split, strict=True)}


@pytest.fixture
def copied(coco, photo):
    """30 pictures, and a copy of each of the first 18: six at half the size, six mirrored, six re-encoded."""
    names = [f"{n:02}.jpg" for n in range(30)] + [f"copy{n:02}.jpg" for n in range(18)]
    data = coco({name: [OBJECT] for name in names})
    annotations = data / "instances.json"
    annotations.write_text(annotations.read_text().replace('"width": 64, "height": 48', '"width": 0, "height": 0'))
    for n in range(30):
        photo(n).save(data / "images" / f"{n:02}.jpg", quality=95)
    for n in range(18):
        copy = photo(n, (32, 24)) if n < 6 else photo(n)
        copy = copy.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if 6 <= n < 12 else copy
        copy.save(data / "images" / f"copy{n:02}.jpg", quality=60)
    return data


@pytest.mark.parametrize("seed", range(3))
def test_made_splits_keep_near_copies_together(copied, convert, seed):
    out = convert(copied, seed=seed)
    split = splits_of(out)
    assert [n for n in range(18) if split[f"{n:02}.jpg"] != split[f"copy{n:02}.jpg"]] == []
    assert out.notices["near_copies_together"] == 36
    assert set(split.values()) == {"train", "val", "test"}


def test_trust_says_near_copies_are_unknown(copied, convert):
    out = convert(copied, pixels="trust")
    assert out.notices["near_copies_unknown"] == 48 and "near_copies_together" not in out.notices


def test_made_splits_keep_sources_together(coco, convert):
    names = [f"scan{n:02}_{part}.jpg" for n in range(20) for part in "ab"] + ["other.jpg"]
    out = convert(coco({name: [OBJECT] for name in names}), group="(scan[0-9]+)_")
    split = splits_of(out)
    assert [n for n in range(20) if split[f"scan{n:02}_a.jpg"] != split[f"scan{n:02}_b.jpg"]] == []
    assert (out.notices["sources_together"], out.notices["no_source"]) == (40, 1)
    assert set(split.values()) == {"train", "val", "test"}


def test_given_splits_may_separate_sources(coco, convert):
    names = ["train/scan1_a.jpg", "val/scan1_b.jpg", "train/scan2_a.jpg", "train/scan2_b.jpg", "test/scan3_a.jpg"]
    out = convert(with_given_splits(coco({name: [OBJECT] for name in names})), group="scan[0-9]+")
    assert splits_of(out) == {name: name.partition("/")[0] for name in names}
    assert out.notices["sources_apart"] == 1 and "sources_together" not in out.notices
    (claim,) = out.claims("sources_apart")
    assert claim == "the data's own splits separate 1 source of --group: scan1 in train and val"


def test_given_test_split_is_not_prescanned(coco, convert, photo):
    """The copy in test stays in test. The copies in train stay together."""
    names = [f"train/{n}.jpg" for n in range(12)] + ["train/copy.jpg", "test/copy.jpg"]
    data = coco({name: [OBJECT] for name in names})
    for n, name in enumerate(names):
        photo(0 if "copy" in name else n).save(data / "images" / name, quality=80 + n)
    out = convert(with_given_splits(data))
    split = splits_of(out)
    assert split["train/0.jpg"] == split["train/copy.jpg"] != split["test/copy.jpg"] == "test"
    assert out.notices["near_copies_together"] == 2


def test_frames_of_one_view_fill_all_splits(coco, convert, photo):
    """All frames are near-copies. If they stayed together, val and test would be empty."""
    data = coco({f"{n}.jpg": [OBJECT] for n in range(10)})
    for n in range(10):
        photo(0).save(data / "images" / f"{n}.jpg", quality=80 + n)
    out = convert(data)
    assert [out.manifest["splits"][s]["images"] for s in ("train", "val", "test")] == [8, 1, 1]
    assert out.notices["near_copies_apart"] == 10 and "near_copies_together" not in out.notices


def test_prescan_changes_no_record(coco, convert, photo):
    """Given splits need no prescan. Records and tables are the same, also for damaged and re-encoded images."""
    names = ["train/a.jpg", "train/b.png", "train/c.bmp", "train/cut.jpg", "val/d.jpg"]
    data = coco({name: [OBJECT] for name in names})
    for n, name in enumerate(names):
        photo(n).save(data / "images" / name)
    cut = data / "images" / "train/cut.jpg"
    cut.write_bytes(cut.read_bytes()[:-300])
    made = convert(data, "made")
    given = convert(with_given_splits(data), "given")
    assert given.manifest["split_by"] == "given" != made.manifest["split_by"]
    assert made.notices["re_encoded"] == given.notices["re_encoded"] == 1
    cut_short = given.reasons("images/train/cut.jpg")
    assert made.reasons("images/train/cut.jpg") == cut_short == [(None, "truncated"), (0, "image_rejected")]
    assert {r.encoded for r in made.read().values()} == {r.encoded for r in given.read().values()}
    import pandas as pd

    columns = ["brightness", "contrast", "sharpness", "dhash"]
    rows = [pd.read_parquet(out.tables / "images.parquet").sort_values("dhash")[columns] for out in (given, made)]
    assert rows[0].to_numpy().tolist() == rows[1].to_numpy().tolist() and rows[0].notna().to_numpy().all()

# environment: data
"""Files of other tools beside the data are known by their beginning, and are not read whole (attack 16)."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from convert_sets import (
    LABEL,
    VOC,
    coco_json,
    csv_text,
    cvat_xml,
    labelme_json,
    labelstudio_json,
    openimages_csv,
    via_json,
)

from boxwright.convert.formats import coco
from boxwright.convert.reading import json_files
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

HUGE = 20 << 30  # bytes; the files are sparse, and take no room on the disk
SETS = {
    "coco": {"a.json": coco_json("a.jpg")},
    "labelme": {"a.json": labelme_json("a.jpg")},
    "voc": {"a.xml": VOC},
    "cvat": {"annotations.xml": cvat_xml("a.jpg")},
    "csv": {"a.csv": csv_text("a.jpg")},
    "yolo": {"data.yaml": "train: .\nnames: [cat]\n", "a.txt": LABEL},
    "via": {"a.json": via_json("a.jpg")},
    "labelstudio": {"a.json": labelstudio_json("a.jpg")},
    "openimages": {"a.csv": openimages_csv("a")},
    "kitti": {"a.txt": "Car 0 0 0 1 2 30 40 1 1 1 1 1 1 1\n"},
}


def huge(file: Path, begins: bytes = b"") -> None:
    with file.open("wb") as opened:
        opened.write(begins)
        opened.truncate(HUGE)


@pytest.mark.parametrize("kind", SETS)
def test_files_of_gigabytes_beside_the_data_are_not_read(made, read, kind):
    root = made(["a.jpg"], SETS[kind])
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    for name in ("log.json", "log.yaml", "log.yml", "log.xml", "log.csv", "log.txt", "log.data", "readme"):
        huge(root / name)
    huge(root / "results.json", b'{"time": 5}\n' * 100_000)
    huge(root / "metrics.yaml", b"names: [a]\ntrain: .\n")
    huge(root / "notes.txt", b"0 is the first number of this log\n")
    data = read(root)
    assert (data.format, len(data.images)) == (kind, 1)
    assert time.monotonic() - started < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB


def test_a_foreign_object_of_gigabytes_is_not_read(made, read):
    root = made(["a.jpg"], SETS["coco"])
    huge(root / "log.json", b'{"steps": [' + b"1," * 600_000)
    assert read(root).format == "coco"


LATE = "x" * (3 << 20)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(
    "order", [("info", "images", "annotations", "categories"), ("images", "info", "categories", "annotations")]
)
def test_keys_of_a_large_annotation_are_found_anywhere(made, read, encoding, order):
    content = json.loads(coco_json("a.jpg")) | {"info": LATE}
    root = made(["a.jpg"], {})
    (root / "a.json").write_bytes(json.dumps({key: content[key] for key in order}).encode(encoding))
    assert len(read(root).images[0].objects) == 1


def test_keys_beyond_the_head_are_found_at_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(json_files, "_HEAD", 2 << 20)
    (file := tmp_path / "a.json").write_text(f'{{"a": "{LATE}", "images": [], "b": "{LATE}", "categories": []}}')
    assert json_files.keys_in(file, coco.KEYS) == ["images", "categories"]
    file.write_text(f'{{"a": "{LATE}", "images": [], "b": "{LATE}"}}')
    assert json_files.keys_in(file, coco.KEYS) == []


def test_a_key_across_two_pieces_is_found(tmp_path):
    for offset in (3, 8, 9):
        beginning = '{"a": "' + "x" * ((2 << 20) - offset - 9) + '", '
        (file := tmp_path / f"{offset}.json").write_text(beginning + '"images": []}')
        assert json_files.keys_in(file, ["images"]) == ["images"]


def test_a_large_truncated_annotation_still_stops(made, read):
    root = made(["a.jpg"], {"a.json": coco_json("a.jpg")})
    (root / "b.json").write_text(f'{{"images": [], "info": "{LATE}", "annotations": [')
    with pytest.raises(UserError, match=r"b\.json is not valid json: .*repair it, or move it out of the data"):
        read(root)


def test_a_log_of_annotations_still_stops(made, read):
    """The first line has all keys of COCO json. Without it, a whole split could be missing unnoticed."""
    root = made(["a.jpg"], {"a.json": coco_json("a.jpg")})
    (root / "b.json").write_text((coco_json("b.jpg") + "\n") * 10_000)
    with pytest.raises(UserError, match=r"b\.json is not valid json: Extra data"):
        read(root)


@pytest.mark.parametrize(
    ("name", "kind"), [("data.yaml", "yolo"), ("my-dataset.yml", "yolo"), ("results.yaml", "coco")]
)
def test_a_large_yaml_is_read_if_it_is_named_as_one(made, read, name, kind):
    config = "train: .\nnames: [cat]\n" + "# a comment\n" * 100_000
    root = made(["a.jpg"], {name: config, "a.txt": LABEL} | ({} if kind == "yolo" else SETS["coco"]))
    assert read(root, **({"wanted": "coco"} if kind == "coco" else {})).format == kind


WITHIN = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
from boxwright.convert.reading import json_files
from boxwright.core.runtime.errors import UserError
try:
    json_files.load(Path(sys.argv[1]))
except UserError as error:
    print(error)
"""


@pytest.mark.parametrize("text", ["[" + "[]," * 30_000_000 + "[]]", ""])
def test_json_that_needs_too_much_memory_is_refused(tmp_path, text):
    (file := tmp_path / "a.json").write_text(text)
    if not text:
        huge(file, b"{")
    ended = subprocess.run([sys.executable, "-P", "-c", WITHIN, file], capture_output=True, text=True, timeout=60)
    assert "a.json needs at least" in ended.stdout and "of memory to be read" in ended.stdout, ended.stderr


def test_the_memory_that_is_left_is_known():
    assert 0 < limits.memory_left() < 1 << 62

# environment: train
"""Detections as COCO json: what is refused, and how image ids find their images."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.examine.reading.reading import Feeding
from boxwright.examine.running.detections_json import JsonSource, image_names
from boxwright.examine.running.raw import Image

ROW = {"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}
FILES = ["a/000007.jpg", "a/000008.jpg", "b/cat.png"]


def written(path: Path, content) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def found(source: JsonSource, file: str) -> Any:
    return source.raw(Image(1, file, np.zeros((4, 4, 3), np.uint8)), Feeding())


WRONG = {
    "no json": ("{", "is not JSON, or is cut off"),
    "cut off": (json.dumps([ROW])[:-3], "cut off"),
    "deep": ("[" * 100_000, "is not JSON"),
    "number": ("3", "no list of detections"),
    "object": ({"images": []}, "no list of detections"),
    "row of text": ([ROW, "x"], "entry 1 is 'x'"),
    "no score": ([{k: v for k, v in ROW.items() if k != "score"}], "entry 0"),
    "three numbers": ([ROW | {"bbox": [1, 2, 3]}], "entry 0"),
    "text in the box": ([ROW | {"bbox": [1, 2, 3, "4"]}], "entry 0"),
    "true as a score": ([ROW | {"score": True}], "entry 0"),
    "half a class": ([ROW | {"category_id": 1.5}], "entry 0"),
    "not a number": ('[{"image_id": 7, "category_id": 1, "bbox": [1, 2, 3, 4], "score": NaN}]', "entry 0"),
    "huge": ('[{"image_id": 7, "category_id": 1e999, "bbox": [1, 2, 3, 4], "score": 1}]', "entry 0"),
    "list as an id": ([ROW | {"image_id": [1]}], "entry 0"),
    "unknown images": ([ROW | {"image_id": 999}], "none of its image ids, such as 999"),
}


@pytest.mark.parametrize(("content", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused(tmp_path, content, said):
    with pytest.raises(UserError, match=said):
        JsonSource(written(tmp_path / "d.json", content), FILES, {})


IDS = {
    "number": (7, "a/000007.jpg"),
    "stem": ("000007", "a/000007.jpg"),
    "file name": ("000007.jpg", "a/000007.jpg"),
    "path": ("/photos/x/cat.PNG", "b/cat.png"),
    "windows": ("C:\\photos\\cat.jpeg", "b/cat.png"),
}


@pytest.mark.parametrize(("image_id", "file"), IDS.values(), ids=IDS)
def test_image_ids(tmp_path, image_id, file):
    rows = [ROW | {"image_id": image_id}, ROW | {"image_id": image_id, "score": 0.9, "category_id": 2}]
    source = JsonSource(written(tmp_path / "d.json", rows), FILES, {})
    raw = found(source, file)
    assert (raw.scores.tolist(), raw.classes.tolist(), source.detector.most) == ([0.9, 0.5], [2, 1], 2)
    assert len(found(source, "a/000008.jpg").boxes) == 0


def test_a_stem_of_two_files_is_nobodys(tmp_path):
    with pytest.raises(UserError, match="none of its image ids"):
        JsonSource(written(tmp_path / "d.json", [ROW | {"image_id": "x"}]), ["a/x.jpg", "b/x.jpg"], {})


def test_ids_of_a_coco_file(tmp_path):
    coco = written(tmp_path / "coco.json", {"images": [{"id": 1, "file_name": "b/cat.png"}]})
    source = JsonSource(written(tmp_path / "d.json", [ROW | {"image_id": 1}, ROW]), FILES, image_names(coco))
    assert len(found(source, "b/cat.png").boxes) == 1


COCO = {"text": "x", "list": [1], "no images": {}, "no name": {"images": [{"id": 1}]}, "number": {"images": 3}}


@pytest.mark.parametrize("content", COCO.values(), ids=COCO)
def test_another_file_in_place_of_the_coco_file(tmp_path, content):
    with pytest.raises(UserError, match="is not a COCO file with `images`"):
        image_names(written(tmp_path / "coco.json", content))


def test_a_missing_coco_file(tmp_path):
    with pytest.raises(UserError, match="cannot be read: No such file"):
        image_names(tmp_path / "coco.json")

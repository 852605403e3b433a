# environment: data
"""Attacks 15 and 21: validate replaces nothing of somebody's, and a full disk leaves no half of an output and no traceback."""

import errno
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from boxwright import cli
from boxwright.convert.config import Config as Convert
from boxwright.convert.step import run as convert
from boxwright.core.runtime.errors import UserError
from boxwright.demo import generator
from boxwright.validate.config import Config
from boxwright.validate.step import run


@pytest.fixture(scope="module")
def converted(tmp_path_factory) -> Path:
    """The outputs of convert for six grey images."""
    out = tmp_path_factory.mktemp("converted")
    (out / "data").mkdir()
    images = [{"id": i, "file_name": f"{i}.jpg", "width": 64, "height": 48} for i in range(1, 7)]
    boxes = [{"id": i, "image_id": i, "category_id": 1, "bbox": [4, 4, 20 + i, 20], "iscrowd": 0} for i in range(1, 7)]
    for one in images:
        Image.new("L", (64, 48), 30 * one["id"]).save(out / "data" / one["file_name"])
    document = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cup"}]}
    (out / "data" / "annotations.json").write_text(json.dumps(document))
    convert(Convert(data=str(out / "data"), records=out / "records", tables=out / "tables"))
    return out


def validate(converted: Path, out: Path, **places: Path) -> None:
    names = {"statistics": "statistics", "schema": "schema.pbtxt", "anomalies": "anomalies", "page": "page.html"}
    given: dict[str, Any] = {flag: out / name for flag, name in names.items()} | places
    run(Config(records=converted / "records", tables=converted / "tables", **given))


@contextmanager
def full_disk(most: int) -> Iterator[None]:
    """No file may become larger than `most` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("flag", ["statistics", "anomalies"])
def test_validate_keeps_a_folder_of_somebodys(converted, tmp_path, flag):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "train.pbtxt").write_text("precious")
    with pytest.raises(UserError, match="theirs exists and is not an earlier output of this step"):
        validate(converted, tmp_path / "out", **{flag: theirs})
    assert [(file.name, file.read_text()) for file in theirs.iterdir()] == [("train.pbtxt", "precious")]


def test_validate_replaces_its_own_outputs(converted, tmp_path):
    validate(converted, tmp_path)
    validate(converted, tmp_path)
    (tmp_path / "statistics" / "notes.txt").write_text("mine")
    with pytest.raises(UserError, match=r"files that this step did not write .first: notes.txt"):
        validate(converted, tmp_path)
    assert (tmp_path / "statistics" / "notes.txt").read_text() == "mine"


def test_nothing_half_written_is_left_on_a_full_disk(converted, tmp_path):
    with full_disk(2000), pytest.raises(UserError, match=r"pbtxt cannot be written: File too large"):
        validate(converted, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_output_stays_on_a_full_disk(converted, tmp_path):
    validate(converted, tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with full_disk(2000), pytest.raises(UserError, match=r"pbtxt cannot be written: File too large"):
        validate(converted, tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_anywhere_is_a_sentence(code, capsys):
    error = OSError(code, os.strerror(code), "cache/key")
    assert cli.code_of("run", error) == 2
    assert (
        f"error: boxwright run: cache/key cannot be written: {os.strerror(code)}; free space" in capsys.readouterr().err
    )


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.EIO, errno.ELOOP])
def test_a_path_that_cannot_be_used_is_a_sentence(code, capsys):
    assert cli.code_of("run", OSError(code, os.strerror(code), "cache/key")) == 2
    assert f"error: boxwright run: cache/key cannot be used: {os.strerror(code)};" in capsys.readouterr().err


def test_any_other_error_is_raised():
    with pytest.raises(PermissionError):
        cli.code_of("run", PermissionError(errno.EACCES, "Permission denied"))


@pytest.mark.parametrize("name", ["photo.jpg", "bench_00001.jpg"])
def test_the_generator_keeps_a_file_of_somebodys(name, tmp_path):
    (tmp_path / "theirs").write_text("precious")
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / name).symlink_to("../theirs")
    with pytest.raises(UserError, match="was not written by the generator"):
        generator.generate(tmp_path, 3)
    assert (tmp_path / "theirs").read_text() == "precious" and not (tmp_path / "valid").exists()

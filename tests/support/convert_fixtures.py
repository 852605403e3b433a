# environment: data
"""Fixtures: small data sets written by hand, and a run of convert on them."""

import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from noticed import noticed
from PIL import Image

from boxwright.convert.step import Config, run
from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.records import tfrecords as records_io


@dataclass(frozen=True)
class Converted:
    records: Path
    tables: Path
    manifest: dict
    quarantine: list[dict]

    @property
    def notices(self) -> dict[str, object]:
        return noticed(Dataset.model_validate(self.manifest).notices)

    def claims(self, code: str) -> list[str]:
        return [notice["claim"] for notice in self.manifest["notices"] if notice["id"] == code]

    def reasons(self, file: str) -> list[tuple[int | None, str]]:
        return [(line["object"], line["reason"]) for line in self.quarantine if line["file"] == file]

    def boxes(self) -> dict[str, list[tuple]]:
        """By file, class name and box_yxyx of each object, sorted."""
        names = [c["name"] for c in self.manifest["classes"]]
        found = {}
        for file, record in self.read().items():
            pairs = zip(record.class_ids, record.boxes_yxyx.tolist(), strict=True)
            found[file] = sorted((names[number - 1], *box) for number, box in pairs)
        return found

    def read(self) -> dict[str, records_io.Record]:
        return {r.filename: r for split in records_io.SPLITS for r in records_io.read(self.records, split)}


@pytest.fixture
def convert(tmp_path, monkeypatch):
    """Runs the step on a folder; outputs lie below `tmp_path/out`."""
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))

    def convert(data: Path | str, out: str = "out", **flags) -> Converted:
        records, tables = tmp_path / out / "records", tmp_path / out / "tables"
        run(Config(data=str(data), records=records, tables=tables, **flags))
        lines = (records / "quarantine.jsonl").read_text().splitlines()
        return Converted(
            records,
            tables,
            json.loads((records / records_io.MANIFEST).read_text()),
            [json.loads(line) for line in lines],
        )

    return convert


@pytest.fixture
def picture():
    """Writes a noisy picture of a size; its name decides the pixels."""

    def picture(path: Path, width: int = 64, height: int = 48, **save) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(zlib.crc32(os.fsencode(path.name))).integers(0, 256, (height, width, 3), np.uint8)
        Image.fromarray(noise).save(path, **save)
        return path

    return picture


@pytest.fixture
def coco(tmp_path, picture):
    """Writes a COCO set of 64x48 images: {file name: [(category id, [left, top, width, height]), ...]}."""

    def coco(images: dict[str, list], names=("cat", "dog"), **changes) -> Path:
        root = tmp_path / "coco"
        entries, annotations = [], []
        for number, (name, objects) in enumerate(images.items(), 1):
            picture(root / "images" / name)
            entries.append({"id": number, "file_name": name, "width": 64, "height": 48})
            annotations += [{"image_id": number, "category_id": c, "bbox": box} for c, box in objects]
        categories = [{"id": i, "name": name} for i, name in enumerate(names, 1)]
        document = {"images": entries, "annotations": annotations, "categories": categories} | changes
        (root / "instances.json").write_text(json.dumps(document))
        return root

    return coco


@pytest.fixture
def made(tmp_path, picture):
    """Writes texts and pictures below a folder."""

    def made(pictures: list[str], texts: dict[str, str | bytes]):
        root = tmp_path / "set"
        for name in pictures:
            picture(root / name)
        for name, text in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(text.encode() if isinstance(text, str) else text)
        return root

    return made


@pytest.fixture
def read():
    """Reads a folder, or a file in it."""
    from boxwright.convert.reading import detect_format

    def read(data: Path, follow_links: bool = False, **more):
        return detect_format.read(detect_format.open_folder(data, follow_links), **more)

    return read

# environment: data
"""components/CONTRACT.md: records and tables that were written without Boxwright are accepted, and wrong ones refused."""

import io
import json

import pytest
import readme_code
from PIL import Image, ImageDraw

from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import step as diagnose
from boxwright.diagnose.config import Config as DiagnoseConfig
from boxwright.validate import step as validate
from boxwright.validate.config import Config as ValidateConfig


def picture(number: int):
    """JPEG bytes of a cup and a pin, and their boxes."""
    image = Image.new("RGB", (160, 120), (90 + 5 * number, 140, 150))
    cup, pin = (10 + 3 * number, 10, 60 + 3 * number, 70), (100 - 4 * number, 80, 130 - 4 * number, 110)
    ImageDraw.Draw(image).ellipse(cup, (200, 40, 40))
    ImageDraw.Draw(image).rectangle(pin, (30, 30, 200))
    file = io.BytesIO()
    image.save(file, "JPEG")
    boxes = [
        (name, y / 120, x / 160, bottom / 120, right / 160)
        for name, (x, y, right, bottom) in (("cup", cup), ("pin", pin))
    ]
    return file.getvalue(), boxes


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder with records/ and tables/, which becomes the current one."""
    monkeypatch.chdir(tmp_path)
    splits = {"train": range(0, 8), "val": range(8, 11), "test": range(11, 14)}
    listed = {split: [(f"{number}.jpg", *picture(number)) for number in of] for split, of in splits.items()}
    write_records = readme_code.function("components/CONTRACT.md", "write_records", tmp_path)
    write_records(listed, ["cup", "pin"], tmp_path / "records", tmp_path / "tables")
    return tmp_path


def validated(folder):
    return validate.run(ValidateConfig(records=folder / "records", tables=folder / "tables"))


def test_validate_and_diagnose_accept_them(folder):
    assert "ready" in validated(folder).parameters
    given = {"records": folder / "records", "tables": folder / "tables", "anomalies": "anomalies", "init": "none"}
    diagnose.run(DiagnoseConfig(**given))
    assert "cup" in (folder / "recipe.yaml").read_text()


@pytest.mark.parametrize(
    ("file", "change", "told"),
    [
        ("dataset.json", lambda d: d.pop("split_by"), r"dataset\.json is not as this version writes it: split_by"),
        ("dataset.json", lambda d: d["splits"].pop("test"), r"dataset\.json .*splits lacks test"),
        ("dataset.json", lambda d: d["splits"]["train"].update(images=9), r"8 images .* in train, the records have 9"),
        ("quarantine.jsonl", None, r"quarantine\.jsonl cannot be read"),
    ],
)
def test_wrong_ones_are_refused_in_a_sentence(folder, file, change, told):
    path = folder / "records" / file
    if change:
        manifest = json.loads(path.read_text())
        change(manifest)
        path.write_text(json.dumps(manifest))
    else:
        path.unlink()
    with pytest.raises(UserError, match=told):
        validated(folder)

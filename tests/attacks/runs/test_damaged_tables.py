# environment: data
"""Tables and quarantine.jsonl that somebody damaged end in a sentence. The fuzzer found each of these."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from boxwright.core.artifacts import dataset
from boxwright.core.artifacts.dataset import Rejected
from boxwright.core.records import tables
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import data

IMAGE = {"image_id": 1, "filename": "a.jpg", "split": "train", "height": 48, "width": 64, "dhash": "0123456789abcdef"}
BOX = {"ymin": 0.1, "xmin": 0.1, "ymax": 0.5, "xmax": 0.5, "height_px": 19.0, "width_px": 25.0}
OBJECT = {"image_id": 1, "split": "train", "class_id": 1, "class": "cat", "crowd": False, **BOX}


def columns(row: dict, schema: pa.Schema) -> dict[str, list]:
    return {name: [row.get(name)] for name in schema.names}


@pytest.fixture
def folder(tmp_path):
    tables.write(tmp_path, columns(IMAGE, tables.IMAGE_SCHEMA), columns(OBJECT, tables.OBJECT_SCHEMA))
    tables.read(tmp_path)
    return tmp_path


def rewrite(file, name: str, values: pa.Array | None) -> None:
    table = parquet.read_table(file)
    at = table.schema.get_field_index(name)
    parquet.write_table(table.remove_column(at) if values is None else table.set_column(at, name, values), file)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("dhash", pa.array(["zz"])), ("dhash", pa.array(["0x23456789abcdef"])), ("filename", None),
        ("split", pa.array([None], pa.string())),
        ("height", pa.array(["tall"])), ("height", pa.array([2**40])), ("brightness", pa.array([float("nan")])),
        ("filename", pa.array([b"\xff"], pa.binary())),
    ],
)  # fmt: skip
def test_a_damaged_column_is_refused(name, values, folder):
    rewrite(folder / tables.IMAGES, name, values)
    with pytest.raises(UserError, match="expected the folder of tables that `boxwright convert` wrote"):
        tables.read(folder)


def test_a_table_is_read_up_to_a_limit(folder, monkeypatch):
    monkeypatch.setattr(tables, "_MOST_BYTES", 10)
    with pytest.raises(UserError, match="holds more than 10 bytes"):
        tables.read(folder)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"image_id": 2}, "an object belongs to no image of its split"),
        ({"split": "val"}, "an object belongs to no image of its split"),
        ({"class_id": 9}, "an object has a class that the records lack"),
        ({"class": "dog"}, "an object has a class that the records lack"),
    ],
)
def test_tables_that_do_not_fit_are_refused(changed, said, folder, monkeypatch):
    monkeypatch.setattr(data.records_, "classes", lambda records: ["cat"])
    assert len(data.read(folder, folder).objects) == 1
    tables.write(folder, columns(IMAGE, tables.IMAGE_SCHEMA), columns(OBJECT | changed, tables.OBJECT_SCHEMA))
    with pytest.raises(UserError, match=said):
        data.read(folder, folder)


def test_names_with_ends_of_lines_stay_one_line(tmp_path):
    line = Rejected(file="a\u2028b\x85.jpg", object=None, reason="missing", value="no such file")
    dataset.write_quarantine(tmp_path / dataset.QUARANTINE, [line])
    assert list(dataset.read_quarantine(tmp_path / dataset.QUARANTINE)) == [line]


@pytest.mark.parametrize("text", [b"{\n", b"\xff\n", b"[]\n", b"[" * 100_000, b'{"file": "' + b"a" * 100_000])
def test_a_damaged_quarantine_is_refused(text, tmp_path):
    (tmp_path / dataset.QUARANTINE).write_bytes(text)
    with pytest.raises(UserError, match=r"quarantine\.jsonl cannot be read"):
        list(dataset.read_quarantine(tmp_path / dataset.QUARANTINE))


class Starter(pa.PyExtensionType):
    """A type that runs code when a Parquet file with it is read."""

    def __init__(self, place: str = "") -> None:
        self.place = place
        super().__init__(pa.string())

    def __reduce__(self):
        return Path.touch, (Path(self.place),)


def test_no_code_in_a_table_is_run(folder):
    """CVE-2023-47248. pyarrow_hotfix prevents it, also in a process that never imports Beam, which installs it."""
    values = pa.ExtensionArray.from_storage(Starter(str(folder / "started")), pa.array(["a.jpg"]))
    rewrite(folder / tables.IMAGES, "filename", values)
    read = "import sys, pathlib; from boxwright.core.records import tables; tables.read(pathlib.Path(sys.argv[1]))"
    ended = subprocess.run([sys.executable, "-P", "-c", read, str(folder)], capture_output=True, text=True)
    assert "UserError" in ended.stderr and "arrow.py_extension_type" in ended.stderr
    assert not (folder / "started").exists()

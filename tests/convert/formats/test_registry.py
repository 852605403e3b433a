# environment: data
"""The registry of formats: one module each, and names without any library."""

import subprocess
import sys
from pathlib import Path

import pytest

from boxwright.convert import formats
from boxwright.core import registry

FOLDER = Path(formats.__file__).parent


def test_each_module_is_one_format():
    modules = {file.stem for file in FOLDER.iterdir() if not file.name.startswith("_")}
    assert set(formats.names()) == modules >= {"coco", "csv", "tfrecord", "voc", "yolo"}


def test_names_and_summaries_need_no_library():
    """In an interpreter without site-packages: config.py may import nothing else."""
    code = f"import sys; sys.path.insert(0, {str(FOLDER.parents[2])!r}); from boxwright.convert import formats; "
    code += "print(*formats.names()); print(formats.summaries()['yolo'])"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    names, summary = done.stdout.splitlines()
    assert names == " ".join(sorted(names.split())) == " ".join(formats.names())
    assert summary.startswith("YOLO txt labels: with darknet's `obj.data`")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("READERS = 1\n", r"formats/ships\.py defines no READER; see components/README\.md, Add a format"),
        (
            "from boxwright.convert.reading.reader import Reader\nREADER = Reader(expects='boats')\n",
            r"formats/ships\.py cannot be loaded: .*'expects'; see components/README\.md",
        ),
    ],
)
def test_a_module_that_is_no_format(tmp_path, monkeypatch, text, says):
    (tmp_path / "ships.py").write_text(text)
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "boxwright.convert.formats.ships", raising=False)
    with pytest.raises(RuntimeError, match=says):
        registry.member("boxwright.convert.formats.ships", "READER", "Add a format")


def test_a_new_module_is_a_format(tmp_path, monkeypatch):
    (tmp_path / "boats.py").write_text('"""Boats, one a line."""\nREADER = "a reader"\n')
    monkeypatch.setattr(formats, "__path__", [*formats.__path__, str(tmp_path)])
    for function in (formats.names, formats.summaries):
        function.cache_clear()
    try:
        assert "boats" in formats.names()
        assert formats.summaries()["boats"] == "Boats, one a line."
    finally:
        for function in (formats.names, formats.summaries):
            function.cache_clear()

"""Pipelines need kfp, which only the authoring environment has."""

from importlib.util import find_spec
from pathlib import Path

import pytest

collect_ignore_glob = [] if find_spec("kfp") else ["*"]


@pytest.fixture
def data(tmp_path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("0 .5 .5 .1 .1")
    return tmp_path / "data"


@pytest.fixture
def no_network(monkeypatch):
    from boxwright.core import zoo

    monkeypatch.setattr(zoo, "BASE", "http://127.0.0.1:1/")

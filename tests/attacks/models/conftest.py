"""The fixtures of all tests of weights and models."""

import tempfile

import pytest

from boxwright.core.foreign_files import weight_files


@pytest.fixture(autouse=True)
def own_temporary_folder(monkeypatch, tmp_path):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def small(monkeypatch):
    """A limit of about 10 MiB for all weights."""
    monkeypatch.setenv(weight_files.VARIABLE, "0.01")

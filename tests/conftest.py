"""Fixtures that every environment has."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the real data sets and weights; a test that needs it is skipped, in plain words, where it is not."""
    folder = Path(os.environ.get("BOXWRIGHT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"the shared data sets are not here (looked in {folder}; set BOXWRIGHT_SHARED)")
    return folder

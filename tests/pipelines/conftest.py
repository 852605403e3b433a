"""Pipelines need kfp, which only the authoring environment has."""

import pytest

pytest.importorskip("kfp", reason="kfp is in the authoring environment only")

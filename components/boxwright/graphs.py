"""Loads the graphs in `pipelines/` by path. So no package called `pipelines` is imported, neither ours nor anybody else's."""

import functools
import importlib.util
import sys
from pathlib import Path
from typing import Any, Literal, get_args

Name = Literal["finetune", "diagnose"]
NAMES: tuple[Name, ...] = get_args(Name)


def folder() -> Path:
    """The folder of the graphs: `pipelines/` of a checkout, or where the package installs them."""
    checkout = Path(__file__).resolve().parents[2] / "pipelines"
    return checkout if checkout.is_dir() else Path(sys.prefix) / "share" / "boxwright" / "pipelines"


@functools.cache
def load(name: str) -> Any:
    """The pipeline function (kfp's GraphComponent) with a name from NAMES. Cached: kfp takes about a second to build it."""
    return build(name)


def build(name: str) -> Any:
    """As `load`, but a new one, which may be changed."""
    spec = importlib.util.spec_from_file_location(f"boxwright_graph_{name}", folder() / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)

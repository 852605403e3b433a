"""Loads the graphs in `pipelines/` by path. So no package called `pipelines` is imported, neither ours nor anybody else's."""

import functools
import importlib.util
from pathlib import Path
from typing import Any, Literal, get_args

Name = Literal["finetune", "diagnose"]
NAMES: tuple[Name, ...] = get_args(Name)


def folder() -> Path:
    """The folder of the graphs: `pipelines/` of a checkout, or the copy in the installed package."""
    return (Path(__file__).parent / "parts" / "pipelines").resolve()


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

"""Reads compiled graphs: KFP's YAML with two documents, the pipeline and its Kubernetes settings."""

from pathlib import Path
from typing import Any

import yaml

# libyaml's parser is ten times as fast as PyYAML's own.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def spec(file: Path) -> dict[str, Any]:
    """The pipeline's document (KFP's PipelineSpec)."""
    return next(iter(yaml.load_all(file.read_text(encoding="utf-8"), Loader=Loader)))


def name(file: Path) -> str:
    """Name of the pipeline, such as boxwright-finetune."""
    return spec(file)["pipelineInfo"]["name"]


def images(file: Path) -> list[str]:
    """The images that the pipeline names, each once."""
    executors = spec(file)["deploymentSpec"]["executors"].values()
    return sorted({executor["container"]["image"] for executor in executors})

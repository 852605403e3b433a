"""Names for kfp_server_api's classes in annotations. Those classes declare no types, and a checker takes every field for None."""

from typing import Any, TypeAlias

Experiment: TypeAlias = Any
Pipeline: TypeAlias = Any
PipelineVersion: TypeAlias = Any
Run: TypeAlias = Any
TaskDetail: TypeAlias = Any

"""Names of kfp_server_api's classes for annotations. The classes declare no types: type checkers would infer None for them."""

from typing import Any, TypeAlias

Experiment: TypeAlias = Any
Pipeline: TypeAlias = Any
PipelineVersion: TypeAlias = Any
Run: TypeAlias = Any
TaskDetail: TypeAlias = Any

"""The parameters of a graph that choose the nodes for training.

No step reads them: Kubernetes does when training starts. So convert checks them, which runs first.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Choices, StepConfig, flag

# Kubernetes: the name of an extended resource; a label's key, with an optional domain; a label's value.
_NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_DOMAIN = r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"
_RESOURCE, _KEY, _VALUE = (
    re.compile(f"{_DOMAIN}/{_NAME}"),
    re.compile(f"({_DOMAIN}/)?{_NAME}"),
    re.compile(f"({_NAME})?"),
)


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    gpu_type: str = "nvidia.com/gpu"
    """Resource name of the GPU that training gets, as the cluster calls it."""
    gpu_count: Annotated[str, Choices(tuple(map(str, range(17))))] = "0"
    """GPUs of one node for training, which share each batch evenly. 0: none. 1 or more need a pipeline compiled with --gpu."""
    node_selector: dict = field(default_factory=dict)
    """Labels of the nodes that training may run on, such as {"cloud.google.com/gke-accelerator": "nvidia-l4"}."""

    def __post_init__(self) -> None:
        """Raises UserError for values that Kubernetes would refuse, or that KFP's driver cannot read."""
        for name, wrong in (
            (f"gpu_count={self.gpu_count[:100]}", flag(Config, "gpu_count").wrong(self.gpu_count)),
            (f"gpu_type={self.gpu_type[:100]}", wrong_resource(self.gpu_type)),
            ("node_selector", wrong_labels(self.node_selector)),
        ):
            if wrong:
                raise UserError(f"the parameter {name}: {wrong}; start a new run with another value")


def wrong_resource(name: str) -> str:
    """What is expected instead of this name of a GPU. Empty if a cluster can have such a resource."""
    return "" if _RESOURCE.fullmatch(name) else "expected the name of a resource, such as nvidia.com/gpu"


def wrong_labels(labels: Mapping[str, Any]) -> str:
    """What is wrong with the first label that no node can have. Empty if there is none."""
    if not isinstance(labels, Mapping):
        return 'expected labels, such as {"disk": "ssd"}'
    for key, value in labels.items():
        if not isinstance(value, str):
            return 'the values of labels must be text, as in {"disk": "1"}'
        if not _KEY.fullmatch(key) or not _VALUE.fullmatch(value):
            return (
                f'{key[:100]!r}: {value[:100]!r} is no label of Kubernetes; expected a label such as {{"disk": "ssd"}}'
            )
    return ""

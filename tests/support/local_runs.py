"""Runs on this machine with the defaults of their graph."""

from dataclasses import MISSING
from typing import Any, Literal

from boxwright import graph_flags
from boxwright.graphs import Name
from boxwright.local.arguments import Run


def with_defaults(graph: Name, out: str, engine: Literal["host", "docker"] = "host", **given: Any) -> Run:
    """A run with the default of each parameter that is not given."""
    defaults = {flag.name: flag.default for flag in graph_flags.of_graph(graph) if flag.default is not MISSING}
    return Run(graph=graph, parameters={**defaults, **given}, out=out, engine=engine)

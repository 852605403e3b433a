"""Builds the graphs in `pipelines/`. A graph only names its parameters; each task takes the parameters that its step knows.

Types, defaults and texts of the parameters come from the steps' configs. A flag that a step and a graph both name is passed on
automatically.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kfp import dsl

from boxwright import graph_flags
from boxwright.cluster import resources
from boxwright.kfp.component import kfp_default, kfp_type, signature


def pipeline(name: str) -> Callable[[Callable], Any]:
    """Decorator of a graph: a KFP pipeline whose parameters are the names in the function's signature.

    Raises ValueError for a name that no config defines.
    """

    def decorate(graph: Callable) -> Any:
        wanted = tuple(inspect.signature(graph).parameters)
        if unknown := [f"`{parameter}`" for parameter in wanted if parameter not in graph_flags.known()]:
            names = ", ".join(unknown)
            raise ValueError(
                f"pipeline {graph.__name__} names {names}, which no step's config.py defines as a parameter"
            )
        named = [graph_flags.known()[parameter] for parameter in wanted]

        @functools.wraps(graph)
        def built(*given: Any) -> None:
            of_name = dict(zip(parameters.parameters, given, strict=True))
            graph(**of_name)

        parameters = signature([(flag.name, kfp_type(flag), kfp_default(flag)) for flag in named])
        built.__signature__ = parameters  # pyright: ignore[reportAttributeAccessIssue]  (inspect reads it)
        text = inspect.cleandoc(graph.__doc__ or "")
        built.__doc__ = f"{text}\n\nArgs:\n" + "\n".join(f"    {flag.name}: {flag.text_with_choices}" for flag in named)
        return dsl.pipeline(built, name=name, description=text)

    return decorate


class Tasks:
    """Makes the tasks of a graph. given: the graph's parameters by name, from `locals()` at the start of its function."""

    def __init__(self, given: Mapping[str, Any]):
        self.given = dict(given)

    def __call__(self, component: Any, title: str = "", **inputs: Any) -> Any:
        """A task with the resources that its step needs. inputs: artifacts, and parameters that differ from the graph's.

        Every other parameter takes the value of the graph's parameter of the same name, or its own default.
        """
        taken = component.component_spec.inputs or {}
        named = {name: self.given[name] for name in set(taken) & set(self.given) if not _is_filled_in(taken[name])}
        task = resources.ask(component(**{**named, **inputs}))
        return task.set_display_name(title) if title else task


def _is_filled_in(parameter: Any) -> bool:
    """Whether KFP fills in this input: an artifact, or the final status."""
    return parameter.type == "PipelineTaskFinalStatus" or parameter.type.startswith("system.")

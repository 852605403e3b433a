"""What a graph in `pipelines/` is written with: parameters that are only named there, and tasks that take them by name.

Types, defaults and texts of the parameters come from the steps' configs. A flag that a step and a graph both name is passed on
without another line. KFP 2.17.0 resolves arguments before defaults, so a task passes every flag of its command.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kfp import dsl

from boxwright.cluster import resources
from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.flags import Flag, Input, Output, flags
from boxwright.kfp_component import config_of, kfp_default, kfp_text, kfp_type, signature


@functools.cache
def known_parameters() -> Mapping[str, Flag]:
    """Every flag that a graph may name: those of the cluster and of the steps; the first step that has one defines it."""
    configs = [resources.Config, *(config_of(step) for step in STEPS)]
    found: dict[str, Flag] = {}
    for flag in (flag for config in configs for flag in flags(config)):
        if not flag.mark(Output) and not (flag.mark(Input) and flag.mark(Input).kfp):
            found.setdefault(flag.name, flag)
    return found


def pipeline(name: str, *, workspace: bool = False) -> Callable[[Callable], Any]:
    """Decorator of a graph: a KFP pipeline whose parameters are the names in the function's signature.

    workspace: whether its runs have a volume of their own. Raises KeyError for a name that no config defines.
    """

    def decorate(graph: Callable) -> Any:
        named = [known_parameters()[parameter] for parameter in inspect.signature(graph).parameters]

        @functools.wraps(graph)
        def built(*given: Any) -> None:
            of_name = dict(zip(parameters.parameters, given, strict=True))
            graph(**of_name)

        parameters = signature([(flag.name, kfp_type(flag), kfp_default(flag)) for flag in named])
        built.__signature__ = parameters  # pyright: ignore[reportAttributeAccessIssue]  (inspect reads it)
        text = inspect.cleandoc(graph.__doc__ or "")
        built.__doc__ = f"{text}\n\nArgs:\n" + "\n".join(f"    {flag.name}: {kfp_text(flag)}" for flag in named)
        if not workspace:
            return dsl.pipeline(built, name=name, description=text)
        return dsl.pipeline(built, name=name, description=text, pipeline_config=resources.workspace())

    return decorate


class Tasks:
    """Makes the tasks of a graph. given: the graph's parameters by name, as `locals()` has them at its beginning."""

    def __init__(self, given: Mapping[str, Any]):
        self.given = dict(given)

    def __call__(self, component: Any, title: str = "", **inputs: Any) -> Any:
        """A task with what a step needs of a cluster. inputs: artifacts, and parameters that differ from the graph's.

        Every other parameter of the component is the graph's of that name, or has its default.
        """
        taken = component.component_spec.inputs or {}
        named = {name: self.given.get(name, one.default) for name, one in taken.items() if not _is_filled_in(one)}
        task = resources.ask(component(**{**named, **inputs}), component.name)
        return task.set_display_name(title) if title else task


def _is_filled_in(parameter: Any) -> bool:
    """Whether an input is no parameter of ours: an artifact, or the status that KFP fills in."""
    return parameter.type == "PipelineTaskFinalStatus" or parameter.type.startswith("system.")

"""Builds the KFP component of a step from its Config. It has the flags, types, defaults and texts of the command line."""

import importlib
import inspect
from collections.abc import Sequence
from dataclasses import MISSING
from typing import Any, Literal, get_origin

from kfp import dsl
from kfp.dsl.container_component_class import ContainerComponent

from boxwright.core.runtime.environments import STEPS, image
from boxwright.core.runtime.flags import AsText, FinalStatus, Flag, Input, Output, StepConfig, flags


class Component(ContainerComponent):
    """A component whose tasks pass all its parameters, also those with their default value.

    KFP 2.17.0 resolves the arguments of a command before it applies defaults, and fails for a parameter that is not passed.
    """

    def __call__(self, *args: Any, **given: Any) -> dsl.PipelineTask:
        inputs = self.component_spec.inputs or {}
        defaults = {name: one.default for name, one in inputs.items() if one.default is not None}
        return super().__call__(*args, **{**defaults, **given})


def config_of(step: str) -> type[StepConfig]:
    return importlib.import_module(f"boxwright.{step}.config").Config


def build(
    step: str, *, name: str = "", without: Sequence[str] = (), text: str = "", named: bool = True, image_name: str = ""
) -> Component:
    """The container component of a step.

    name: name of the component; default: the step's name. without: flags to leave out. text: description; default: the first
    paragraph of the step's description. named: whether the command names the parameters. image_name: default: the step's image.

    Parameters that the command does not name, and those that the step only checks, are in the executor input.

    KFP compiles every input artifact of a container component to a required one. So a graph with fewer inputs needs a
    component with fewer flags.
    """
    config = config_of(step)
    taken = [flag for flag in flags(config) if flag.name not in without]

    checked = [flag for one in config.checks for flag in flags(one)]
    parameters = _signature([*taken, *checked], config)

    def container(*given: Any) -> dsl.ContainerSpec:
        of_flag = dict(zip(parameters.parameters, given, strict=True))
        passed = [flag for flag in taken if named or _is_artifact(flag)]
        arguments = [part for flag in passed for part in (flag.option, _argument(flag, of_flag[flag.name]))]
        arguments += ["--executor-input", dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER]
        return dsl.ContainerSpec(image=image_name or image(STEPS[step]), command=["boxwright", step], args=arguments)

    container.__name__ = name or step
    container.__doc__ = f"{text or _first_paragraph(config)}\n\nArgs:\n{_texts([*taken, *checked], config)}"
    container.__signature__ = parameters  # pyright: ignore[reportFunctionMemberAccess]  (inspect reads it)
    made = dsl.container_component(container)
    return Component(made.component_spec, made.pipeline_func)


def kfp_type(flag: Flag) -> Any:
    """The type annotation of a parameter in the signature of a component or graph."""
    if flag.mark(FinalStatus):
        return dsl.PipelineTaskFinalStatus
    if flag.mark(Output):
        return dsl.Output[getattr(dsl, flag.mark(Output).kfp)]
    if flag.mark(Input) and flag.mark(Input).kfp:
        return dsl.Input[getattr(dsl, flag.mark(Input).kfp)]
    if flag.mark(AsText) or get_origin(flag.kind) is Literal:  # kfp 2.17 fails on a Literal
        return str
    return flag.kind


def kfp_default(flag: Flag) -> Any:
    """The default of a parameter; inspect.Parameter.empty for a required parameter and for every artifact."""
    if _is_artifact(flag) or flag.default is MISSING:
        return inspect.Parameter.empty
    return str(flag.default) if flag.mark(AsText) else flag.default


def signature(parameters: Sequence[tuple[str, Any, Any]]) -> inspect.Signature:
    """A signature from (name, type, default) of each parameter. Parameters without a default come first."""
    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    made = [inspect.Parameter(name, keyword, annotation=kind, default=default) for name, kind, default in parameters]
    return inspect.Signature(sorted(made, key=lambda one: one.default is not inspect.Parameter.empty))


def _signature(taken: Sequence[Flag], config: type[StepConfig]) -> inspect.Signature:
    of_flags = [(flag.name, kfp_type(flag), kfp_default(flag)) for flag in taken]
    returned = [(name, dsl.OutputPath(one.kind), inspect.Parameter.empty) for name, one in config.returns.items()]
    return signature([*of_flags, *returned])


def _argument(flag: Flag, given: Any) -> Any:
    """The value to pass to the command: the path of an artifact, or the value of a parameter."""
    return given.path if _is_artifact(flag) else given


def _is_artifact(flag: Flag) -> bool:
    return bool(flag.mark(Output) or (flag.mark(Input) and flag.mark(Input).kfp))


def _texts(taken: Sequence[Flag], config: type[StepConfig]) -> str:
    texts = {flag.name: flag.text_with_choices for flag in taken} | {n: one.text for n, one in config.returns.items()}
    return "\n".join(f"    {name}: {text}" for name, text in texts.items())


def _first_paragraph(config: type[StepConfig]) -> str:
    return inspect.cleandoc(inspect.getmodule(config).__doc__ or "").partition("\n\n")[0]

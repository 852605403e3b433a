"""The flags of `boxwright run` and `boxwright diagnose`: the parameters of their graph, and the flags of a local run."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, make_dataclass, replace
from typing import Annotated, Any, cast

import tyro

from boxwright import graph_flags, graphs
from boxwright.core.runtime import console
from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Flag, flags
from boxwright.graph_flags import Place
from boxwright.kfp.component import config_of


@dataclass(frozen=True, kw_only=True)
class Run(Place):
    """The arguments of a local run. parameters: values of the graph's parameters, by name. detector: flags of `examine`."""

    graph: graphs.Name
    parameters: Mapping[str, Any]
    detector: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """The value of a parameter; an empty text if the graph does not have it."""
        return self.parameters.get(name, "")

    def with_parameters(self, **changed: Any) -> "Run":
        return replace(
            self, parameters={**self.parameters, **{n: v for n, v in changed.items() if n in self.parameters}}
        )


def parse(graph: graphs.Name, argv: Sequence[str], prog: str, description: str, step: Sequence[Flag] = ()) -> Run:
    """Parses the command line. step: flags of the single step of the same name, listed only in `--help`.

    Exits for `--help` and for an unknown flag. Raises UserError for a flag of the single step.
    """
    made = _class_of_flags(graph_flags.of_run(graph), step)
    given = cast(Any, console.parse(made, argv, prog, description))
    if alone := [flag.option for flag in step if getattr(given, flag.name)]:
        raise UserError(f"{alone[0]} is a flag of the single step, which has no --data; leave out one of the two")
    parameters = {flag.name: getattr(given, flag.name) for flag in graph_flags.of_graph(graph)}
    detector = {flag.name: getattr(given, flag.name) for flag in graph_flags.of_detector(graph)}
    return Run(graph=graph, parameters=parameters, detector=detector, out=given.out, engine=given.engine)


def _class_of_flags(known: Sequence[Flag], step: Sequence[Flag]) -> type:
    """A dataclass with one field per flag, for tyro."""
    made = [
        *((flag.name, _described(flag.kind, flag.text, flag.metavar), _field(flag)) for flag in known),
        *((flag.name, _described(str, f"Single step: {flag.text}"), field(default="")) for flag in step),
    ]
    return make_dataclass("Config", made, kw_only=True)


def check_flags(parameters: Mapping[str, Any]) -> None:
    """Raises UserError for a value that a step would reject. It creates the Config of every step to find out."""
    for step in STEPS:
        config = config_of(step)
        taken = {flag.name: parameters[flag.name] for flag in flags(config) if flag.name in parameters}
        missing = {flag.name: "" for flag in flags(config) if flag.default is MISSING and flag.name not in taken}
        config(**taken, **missing)


def _described(kind: Any, text: str, metavar: str | None = None) -> Any:
    return Annotated[kind, tyro.conf.arg(help=text, metavar=metavar)]


def _field(flag: Flag) -> Any:
    return field() if flag.default is MISSING else field(default=flag.default)

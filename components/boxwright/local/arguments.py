"""The flags of `boxwright run` and `boxwright diagnose`: the parameters of their graph, and what only a run here has."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, make_dataclass, replace
from typing import Annotated, Any, Literal, cast, get_type_hints

import tyro

from boxwright import graphs
from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Flag, field_texts, flags
from boxwright.graph_builder import config_of, known_parameters

# Parameters of the graphs that only a cluster needs, and one that is computed here.
NOT_HERE = ("gpu_type", "gpu_count", "node_selector", "fingerprint")
OUT = {
    "finetune": "Folder for everything that the run makes. The same folder again resumes the run.",
    "diagnose": "Folder for the page, the recipe, and every artifact of every step. The same folder again keeps what is done.",
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a graph is run with here. parameters: of the graph, by name."""

    graph: graphs.Name
    parameters: Mapping[str, Any]
    out: str
    """For gs://bucket/folder, the run works in the cache and publishes report, summary, logs and artifacts when it ends.
    A failed run is published in `failed` below it."""
    engine: Literal["host", "docker"] = "host"
    """Where the steps run: in the environments of this checkout, or in the images that `make images` built."""

    def value(self, name: str) -> Any:
        """A parameter of the graph; empty text for one that the graph does not have."""
        return self.parameters.get(name, "")

    def with_parameters(self, **changed: Any) -> "Run":
        return replace(
            self, parameters={**self.parameters, **{n: v for n, v in changed.items() if n in self.parameters}}
        )


def parameters_of(graph: str) -> list[Flag]:
    """The parameters of a graph that a person gives here."""
    named = graphs.load(graph).component_spec.inputs
    return [known_parameters()[name] for name in named if name not in NOT_HERE]


def parse(
    graph: graphs.Name, argv: Sequence[str], prog: str, description: str, default: str = "", step: Sequence[Flag] = ()
) -> Run:
    """Reads the command line. default: of --out; step: flags of the single step of the same name, which only `--help` shows here.

    Ends the process for `--help` and for what is no flag. Raises UserError for a flag of the single step.
    """
    known = parameters_of(graph)
    made = _class_of_flags(graph, known, default, step)
    given = cast(Any, tyro.cli(made, args=list(argv), prog=prog, description=description))
    if alone := [flag.option for flag in step if getattr(given, flag.name)]:
        raise UserError(f"{alone[0]} belongs to the single step, which takes no --data; leave one of them out")
    parameters = {flag.name: getattr(given, flag.name) for flag in known}
    return Run(graph=graph, parameters=parameters, out=given.out, engine=given.engine)


def _class_of_flags(graph: graphs.Name, known: Sequence[Flag], default: str, step: Sequence[Flag]) -> type:
    """A dataclass for the command line."""
    texts = field_texts(Run)
    made = [
        *((flag.name, _described(flag.kind, flag.text, flag.metavar), _field(flag)) for flag in known),
        ("out", _described(str, f"{OUT[graph]} {texts['out']}"), field(default=default) if default else field()),
        ("engine", _described(get_type_hints(Run)["engine"], texts["engine"]), field(default="host")),
        *((flag.name, _described(str, f"Single step: {flag.text}"), field(default="")) for flag in step),
    ]
    return make_dataclass("Config", made, kw_only=True)


def check_flags(parameters: Mapping[str, Any]) -> None:
    """Raises UserError for a value that a step would refuse: the Config of every step is made before the first one starts."""
    for step in STEPS:
        config = config_of(step)
        taken = {flag.name: parameters[flag.name] for flag in flags(config) if flag.name in parameters}
        missing = {flag.name: "" for flag in flags(config) if flag.default is MISSING and flag.name not in taken}
        config(**taken, **missing)


def _described(kind: Any, text: str, metavar: str | None = None) -> Any:
    return Annotated[kind, tyro.conf.arg(help=text, metavar=metavar)]


def _field(flag: Flag) -> Any:
    return field() if flag.default is MISSING else field(default=flag.default)

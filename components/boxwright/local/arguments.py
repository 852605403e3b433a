"""The flags of `boxwright run` and `boxwright diagnose`: the parameters of their graph, and the flags of a local run."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, make_dataclass, replace
from typing import Annotated, Any, Literal, cast, get_type_hints

import tyro

from boxwright import graphs
from boxwright.core.runtime import console
from boxwright.core.runtime.environments import STEPS
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Flag, field_texts, flags
from boxwright.kfp.graph_builder import config_of, known_parameters

# Parameters without a flag: those that only a cluster needs, and the fingerprint, which is computed.
NOT_HERE = ("gpu_type", "gpu_count", "node_selector", "checkpoints", "fingerprint")
OUT = {
    "finetune": "Folder for all files of the run. To resume a run, give the same folder.",
    "diagnose": "Folder for the page, the recipe, and all artifacts. With the same folder, finished steps are kept.",
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """The arguments of a local run. parameters: values of the graph's parameters, by name."""

    graph: graphs.Name
    parameters: Mapping[str, Any]
    out: str
    """With gs://BUCKET/FOLDER or s3://BUCKET/FOLDER, the run works in the cache, and publishes report, summary, logs and
    artifacts when it ends. A failed run is published in its subfolder `failed`."""
    engine: Literal["host", "docker"] = "host"
    """Where the steps run: in the environments of this checkout, or in the images from `make images`."""

    def value(self, name: str) -> Any:
        """The value of a parameter; an empty text if the graph does not have it."""
        return self.parameters.get(name, "")

    def with_parameters(self, **changed: Any) -> "Run":
        return replace(
            self, parameters={**self.parameters, **{n: v for n, v in changed.items() if n in self.parameters}}
        )


def parameters_of(graph: str) -> list[Flag]:
    """The parameters of a graph that have a flag."""
    named = graphs.load(graph).component_spec.inputs
    return [known_parameters()[name] for name in named if name not in NOT_HERE]


def parse(
    graph: graphs.Name, argv: Sequence[str], prog: str, description: str, default: str = "", step: Sequence[Flag] = ()
) -> Run:
    """Parses the command line. default: of --out; step: flags of the single step of the same name, listed only in `--help`.

    Exits for `--help` and for an unknown flag. Raises UserError for a flag of the single step.
    """
    known = parameters_of(graph)
    made = _class_of_flags(graph, known, default, step)
    given = cast(Any, console.parse(made, argv, prog, description))
    if alone := [flag.option for flag in step if getattr(given, flag.name)]:
        raise UserError(f"{alone[0]} is a flag of the single step, which has no --data; leave out one of the two")
    parameters = {flag.name: getattr(given, flag.name) for flag in known}
    return Run(graph=graph, parameters=parameters, out=given.out, engine=given.engine)


def _class_of_flags(graph: graphs.Name, known: Sequence[Flag], default: str, step: Sequence[Flag]) -> type:
    """A dataclass with one field per flag, for tyro."""
    texts = field_texts(Run)
    made = [
        *((flag.name, _described(flag.kind, flag.text, flag.metavar), _field(flag)) for flag in known),
        ("out", _described(str, f"{OUT[graph]} {texts['out']}"), field(default=default) if default else field()),
        ("engine", _described(get_type_hints(Run)["engine"], texts["engine"]), field(default="host")),
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

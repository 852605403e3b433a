"""The records of a run, OUT/lineage.json: each task with its inputs, and with its artifacts and their digests."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from boxwright.core.runtime import digests, limits, text_files
from boxwright.core.runtime.errors import UserError, brief
from boxwright.core.runtime.secrets import without_secrets

FILE = "lineage.json"
# Texts of kfp: the time at the end of a local run's name, a reference to another parameter, and the prefix of a channel.
STARTED = re.compile(r"(-\d+){7}$")
REFERENCE = re.compile(r"\{\{\$\.inputs\.parameters\['([^']*)'\]\}\}")
CHANNEL = "pipelinechannel--"
# Seconds of a task: at most 30 years.
LONGEST = 1e9
# Tasks of a run, and inputs and outputs of a task: a run has 15 tasks. Who made what is found in quadratic time.
MOST = 1000


def _path(text: str) -> str:
    """A path inside the run's folder, or a URI. Someone else may have written it, and `verify` reads what is there."""
    parts = PurePosixPath(text).parts
    if "\0" in text or ".." in parts or text.startswith("/") or any(len(part.encode()) > 255 for part in parts):
        raise ValueError("it leads out of the run's folder, or is no path")
    return text


def _output(name: str) -> str:
    """The name of an output. `task.output` names an artifact."""
    if "." in name:
        raise ValueError("the name of an output has a dot")
    return name


def _time(text: str) -> str:
    if text:
        datetime.fromisoformat(text)
    return text


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """path: relative to the run's folder; digest: of the files there; metadata: from the step, and its origin.

    Secrets are removed from path and metadata.
    """

    path: Annotated[str, AfterValidator(_path)]
    digest: str
    metadata: dict[str, Any]

    def __post_init__(self) -> None:
        for name in ("path", "metadata"):
            object.__setattr__(self, name, without_secrets(getattr(self, name)))


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task of a run.

    seconds: from start to end of its process; for a cached task, the seconds that the step took when it ran.
    inputs: artifact name in the component -> path. outputs: artifact name -> Artifact.
    started: ISO 8601 in UTC; for a cached task, the time of the cache lookup. error: why it failed; empty if it succeeded.
    pipeline: name of its pipeline. Secrets are removed from parameters, inputs and error, also those of an older record.
    """

    name: str
    cached: bool
    seconds: Annotated[float, Field(ge=0, le=LONGEST)]
    parameters: dict[str, Any]
    inputs: Annotated[dict[str, str], Field(max_length=MOST)]
    outputs: Annotated[dict[Annotated[str, AfterValidator(_output)], Artifact], Field(max_length=MOST)]
    started: Annotated[str, AfterValidator(_time)] = ""
    error: str = ""
    pipeline: str = ""

    def __post_init__(self) -> None:
        for name in ("parameters", "inputs", "error"):
            object.__setattr__(self, name, without_secrets(getattr(self, name)))

    @property
    def origin(self) -> dict[str, Any]:
        """The metadata that all outputs of the task share. Metrics do not have them."""
        return next((one.metadata for one in self.outputs.values() if "version" in one.metadata), {})


def from_kfp(
    name: str, call: Mapping[str, Any], outputs: Mapping[str, Any], seconds: float | None, out: Path, error: str = ""
) -> Task:
    """The record of a task that has just ended. call: the arguments of kfp's `execute_single_task`; outputs: its result.

    seconds: None for a cached task. A failed task has an `error` and no outputs.
    """
    from kfp.local.orchestrator.orchestrator_utils import OrchestratorUtils

    given = OrchestratorUtils.make_task_arguments(call["task_spec"].inputs, call["io_store"])
    inputs, made = dict(_artifacts(given)), dict(_artifacts(outputs))
    before = [artifact.metadata["seconds"] for artifact in made.values() if "seconds" in artifact.metadata]
    started = datetime.now(UTC) - timedelta(seconds=seconds or 0)
    artifacts = {name.partition("[")[0] for name in inputs}
    return Task(
        name=name,
        cached=seconds is None,
        seconds=(before or [0.0])[0] if seconds is None else seconds,
        parameters=dict(_parameters({key: value for key, value in given.items() if key not in artifacts})),
        inputs={key: relative(value.uri, out) for key, value in inputs.items()},
        outputs={key: _artifact(value, out) for key, value in made.items()},
        started=started.isoformat(timespec="milliseconds"),
        error=error,
        pipeline=STARTED.sub("", call["pipeline_resource_name"]),
    )


def _parameters(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parameters of the step, without kfp's channels and without placeholders that only a running task can resolve."""
    for key, value in sorted(given.items()):
        if reference := REFERENCE.fullmatch(str(value)):
            value = given.get(reference[1], value)
        if not key.startswith(CHANNEL) and "{{$" not in str(value):
            yield key, value


def _artifacts(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The artifacts among a task's arguments or outputs. Those of a list are named `name[0]`, `name[1]`, ..., as in metadata."""
    from kfp import dsl

    for name, value in sorted(values.items()):  # kfp's own order differs from run to run
        if isinstance(value, dsl.Artifact):
            yield name, value
        elif isinstance(value, list) and value and isinstance(value[0], dsl.Artifact):
            names = [name] if len(value) == 1 else [f"{name}[{index}]" for index in range(len(value))]
            yield from zip(names, value, strict=True)


def _artifact(artifact: Any, out: Path) -> Artifact:
    digest = artifact.metadata.get("digest") or digests.of_path(Path(artifact.uri))
    return Artifact(path=relative(artifact.uri, out), digest=digest, metadata=dict(sorted(artifact.metadata.items())))


def relative(uri: str, out: Path) -> str:
    """The path relative to `out` if it is below it; else the URI unchanged."""
    path = Path(uri)
    return str(path.relative_to(out)) if path.is_relative_to(out) else uri


def write(tasks: Sequence[Task], out: Path) -> None:
    text_files.write(out / FILE, json.dumps({"tasks": [asdict(t) for t in tasks]}, indent=2) + "\n")


@dataclass(frozen=True, kw_only=True)
class _File:
    tasks: Annotated[list[Task], Field(max_length=MOST)]


def read(out: Path) -> list[Task]:
    """The tasks of the run in `out`. Raises UserError if this is not the folder of a run, or if its records are not as `write`
    writes them."""
    file = out / FILE
    if not file.is_file():
        raise UserError(f"{out} is not the folder of a run: it has no {FILE}; give the --out of a `boxwright run`")
    try:
        with file.open("rb") as opened:
            return TypeAdapter(_File).validate_json(limits.read_at_most(opened, limits.OWN_JSON_BYTES, file)).tasks
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}; make it readable") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))[:100] or "the whole file"
        raise UserError(
            f"{file} cannot be read ({place}: {brief(ValueError(first['msg']))}): another version of Boxwright wrote it, or it "
            "was edited. Repeat the same `boxwright run`: it writes the file again and keeps finished steps"
        ) from None


def used(artifact: Artifact) -> dict[str, Any]:
    """The digest of each input that the step used, from the artifact's metadata. Empty if the metadata do not say it."""
    try:
        stated = TypeAdapter(dict[str, Any]).validate_json(artifact.metadata.get("inputs", "{}"))
    except ValidationError:
        return {}
    return stated

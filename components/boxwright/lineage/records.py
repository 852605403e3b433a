"""The records of a run, OUT/lineage.json: each task with its inputs, and with its artifacts and their digests."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from boxwright.core.runtime import digests, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets

FILE = "lineage.json"
# Texts of kfp: the time at the end of a local run's name, a reference to another parameter, and the prefix of a channel.
STARTED = re.compile(r"(-\d+){7}$")
REFERENCE = re.compile(r"\{\{\$\.inputs\.parameters\['([^']*)'\]\}\}")
CHANNEL = "pipelinechannel--"


@dataclass(frozen=True, kw_only=True)
class Artifact:
    """path: relative to the run's folder; digest: of the files there; metadata: from the step, and its origin."""

    path: str
    digest: str
    metadata: dict[str, Any]


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
    seconds: float
    parameters: dict[str, Any]
    inputs: dict[str, str]
    outputs: dict[str, Artifact]
    started: str = ""
    error: str = ""
    pipeline: str = ""

    def __post_init__(self) -> None:
        for name in ("parameters", "inputs", "error"):
            object.__setattr__(self, name, without_secrets(getattr(self, name)))


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


def read(out: Path) -> list[Task]:
    """The tasks of the run in `out`. Raises UserError if this is not the folder of a run."""
    if not (out / FILE).is_file():
        raise UserError(f"{out} is not the folder of a run: it has no {FILE}; give the --out of a `boxwright run`")
    try:
        records = json.loads((out / FILE).read_text(encoding="utf-8"))["tasks"]
        return [Task(**r | {"outputs": {key: Artifact(**a) for key, a in r["outputs"].items()}}) for r in records]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"{out / FILE} cannot be read ({type(error).__name__}: {error}): another version of Boxwright wrote it, or it was "
            "edited. Repeat the same `boxwright run`: it writes the file again and keeps finished steps"
        ) from None

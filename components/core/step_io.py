"""What a step says about its outputs, and how KFP hears it. Standard library only: every image runs this.

KFP hands a container component one JSON text, the executor input, which names the outputs and the file where their metadata
is expected. Without it a downstream container finds no output (kfp.local) and the UI shows no metadata (cluster).
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Scalar = bool | int | float | str

# Where the KFP launcher mounts a bucket inside the container.
MOUNTS = {"gs://": "/gcs/", "s3://": "/s3/", "minio://": "/minio/"}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What `run` returns: files are already written, this is what is said about them.

    artifacts: metadata of each output artifact by its name in the component (`records`, `model`, ...): the lineage.
    parameters: output parameters by name; a gate is a bool or a number, never a string.
    headline: the one line printed when the step is done.
    """

    artifacts: Mapping[str, Mapping[str, Scalar]] = field(default_factory=dict)
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    headline: str = ""


def local_path(uri: str) -> Path:
    """The path under which a container sees an artifact's uri."""
    for scheme, mount in MOUNTS.items():
        if uri.startswith(scheme):
            return Path(mount + uri.removeprefix(scheme))
    return Path(uri)


def run_and_emit(run: Callable[[], Result], executor_input: str | None) -> Result:
    """Runs a step; when KFP started it, writes `executor_output.json` and the output parameters' files."""
    started = time.monotonic()
    result = run()
    if executor_input:
        emit(result, json.loads(executor_input)["outputs"], seconds=round(time.monotonic() - started, 2))
    return result


def emit(result: Result, outputs: Mapping, *, seconds: float) -> None:
    """Writes what KFP wants to know; every artifact's metadata also carries the seconds its step took.

    Raises KeyError when the step describes an output that its component does not declare, and FileNotFoundError when an
    artifact has no file (the local cache would never hit).
    """
    declared = outputs.get("artifacts", {})
    if unknown := set(result.artifacts) - set(declared):
        raise KeyError(f"the step describes outputs {sorted(unknown)} that its component does not declare")
    artifacts = {}
    for name, listed in declared.items():
        artifact = listed["artifacts"][0]
        if not local_path(artifact["uri"]).exists():
            raise FileNotFoundError(f"output {name}: nothing was written at {artifact['uri']}")
        metadata = artifact.get("metadata", {}) | dict(result.artifacts.get(name, {})) | {"seconds": seconds}
        artifacts[name] = {"artifacts": [{"name": artifact["name"], "uri": artifact["uri"], "metadata": metadata}]}
    for name, value in result.parameters.items():
        file = Path(outputs["parameters"][name]["outputFile"])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value if isinstance(value, str) else json.dumps(value))
    file = Path(outputs["outputFile"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"artifacts": artifacts, "parameterValues": dict(result.parameters)}))

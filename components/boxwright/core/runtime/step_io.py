"""What a step says about its outputs, and how KFP hears it. Standard library only: every image runs this.

KFP hands a container component one JSON text, the executor input, which names the outputs and the file where their metadata
is expected. Without it a downstream container finds no output (kfp.local) and the UI shows no metadata (cluster).
The metadata also say what made the artifact (`origin`), so that its lineage goes with it wherever it is stored.
"""

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boxwright import __version__
from boxwright.core.runtime import digests, environments

Scalar = bool | int | float | str
# What a cluster stores as metadata; it refuses a null, and gives every number back as a float.
Value = Scalar | Sequence | Mapping

# Beside executor_output.json: the digest of every file of every output, by which `boxwright verify` names the one that changed.
FILES = "digests.json"
# In an address: the user with the password, and what a signed one carries behind its path.
SECRETS = re.compile(r"(?<=://)[^/@]*@|[?#].*")

# Where the KFP launcher mounts a bucket inside the container.
MOUNTS = {"gs://": "/gcs/", "s3://": "/s3/", "minio://": "/minio/"}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What `run` returns: files are already written, this is what is said about them.

    artifacts: metadata of each output artifact by its name in the component (`records`, `model`, ...). A `digest` among them is
    the step's own, of the content's meaning (a recipe without its comments): it is kept as `content_digest`.
    parameters: output parameters by name; a gate is a bool or a number, never a string.
    headline: the one line printed when the step is done.
    """

    artifacts: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    headline: str = ""


def local_path(uri: str) -> Path:
    """The path under which a container sees an artifact's uri."""
    for scheme, mount in MOUNTS.items():
        if uri.startswith(scheme):
            return Path(mount + uri.removeprefix(scheme))
    return Path(uri)


def run_and_emit(run: Callable[[], Result], executor_input: str | None, step: str = "") -> Result:
    """Runs a step; when KFP started it, writes `executor_output.json` and the output parameters' files."""
    started = time.monotonic()
    result = run()
    if executor_input:
        seconds = round(time.monotonic() - started, 2)
        task = json.loads(executor_input)
        emit(result, task["outputs"], origin(task.get("inputs", {}), step) | {"seconds": seconds})
    return result


def emit(result: Result, outputs: Mapping, made: Mapping[str, Scalar]) -> None:
    """Writes what KFP wants to know; every artifact's metadata also say what it was made from and its digest.

    Raises KeyError when the step describes an output that its component does not declare, and FileNotFoundError when an
    artifact has no file (the local cache would never hit).
    """
    declared = outputs.get("artifacts", {})
    if unknown := set(result.artifacts) - set(declared):
        raise KeyError(f"the step describes outputs {sorted(unknown)} that its component does not declare")
    artifacts, files = {}, {}
    for name, listed in declared.items():
        artifact = listed["artifacts"][0]
        if not local_path(artifact["uri"]).exists():
            raise FileNotFoundError(f"output {name}: nothing was written at {artifact['uri']}")
        files[name] = digests.of_each(local_path(artifact["uri"]))
        said = described(result.artifacts.get(name, {}), digests.of_files(files[name]))
        metadata = artifact.get("metadata", {}) | said | made
        artifacts[name] = {"artifacts": [{"name": artifact["name"], "uri": artifact["uri"], "metadata": metadata}]}
    for name, value in result.parameters.items():
        file = Path(outputs["parameters"][name]["outputFile"])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    file = Path(outputs["outputFile"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_name(FILES).write_text(json.dumps(files, indent=1), encoding="utf-8")
    file.write_text(json.dumps({"artifacts": artifacts, "parameterValues": dict(result.parameters)}), encoding="utf-8")


def described(said: Mapping[str, Value], digest: str) -> dict[str, Value]:
    """What the step said, with the digest of what lies on disk: the one that `boxwright verify` computes again."""
    own = said.get("digest", digest)
    return {**said, "digest": digest, **({} if own == digest else {"content_digest": own})}


def origin(inputs: Mapping, step: str) -> dict[str, Scalar]:
    """What all outputs of a task have in common, from the inputs as KFP names them: what they were made from, and by what.

    Seed and recipe of a task that was given none are those of its inputs, where these agree.
    """
    given = dict(_given(inputs))
    used = {name: artifact["metadata"]["digest"] for name, artifact in given.items()}
    parameters = {name: without_secrets(value) for name, value in inputs.get("parameterValues", {}).items()}
    image = os.environ.get("BOXWRIGHT_IMAGE", "")
    made = {
        "step": step,
        "version": __version__,
        "image": image,
        "source": source(image, step),
        "inputs": json.dumps(used, sort_keys=True),
        "parameters": json.dumps(parameters, sort_keys=True),
        "seed": _whole(parameters.get("seed", _inherited("seed", given))),
        "recipe": used.get("recipe", _inherited("recipe", given)),
    }
    return {key: value for key, value in made.items() if value not in ("", None)}


def source(image: str, step: str) -> str:
    """Digest of the code, with which an image's tag ends; without an image, that of the code as it lies here."""
    if not image and step not in environments.STEPS:
        return ""
    tag = (image or environments.image(environments.STEPS[step])).rpartition(":")[2]
    return tag.removeprefix(f"{__version__}-").removesuffix("-gpu")


def without_secrets(value: Any) -> Any:
    """A parameter as it may stand in the metadata: the address of a download without password and signature."""
    return SECRETS.sub("", value) if isinstance(value, str) and "://" in value else value


def _given(inputs: Mapping) -> Iterator[tuple[str, dict]]:
    """Name and artifact of each input, its digest in its metadata; the parts of a collected input as `name[0]`, `name[1]`, ..."""
    for name, listed in inputs.get("artifacts", {}).items():
        found = listed.get("artifacts", [])
        for index, artifact in enumerate(found):
            metadata = artifact.get("metadata", {})
            if "digest" not in metadata:  # imported: no step of ours made it
                path = local_path(artifact["uri"])
                metadata = metadata | {"digest": digests.of_path(path) if path.exists() else "unknown"}
            yield name if len(found) == 1 else f"{name}[{index}]", artifact | {"metadata": metadata}


def _inherited(key: str, given: Mapping[str, Mapping]) -> Any:
    values = {artifact["metadata"][key] for artifact in given.values() if key in artifact["metadata"]}
    return values.pop() if len(values) == 1 else None


def _whole(number: Any) -> Any:
    """A whole number as one: it arrives as 0.0 from metadata."""
    return int(number) if isinstance(number, float) and number.is_integer() else number

"""Reports the outputs of a step to KFP. Standard library only: every image runs this.

KFP passes one JSON text to a container component, the executor input. It has the outputs and the path of a file for their
metadata. Without that file kfp.local finds no output, and the UI of a cluster shows no metadata. The metadata also record what
the artifact was made from (`origin`), so that an artifact carries its lineage. Metrics do not: another output of their task does.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boxwright import __version__
from boxwright.core.runtime import digests, environments
from boxwright.core.runtime.errors import UserError, brief
from boxwright.core.runtime.secrets import without_secrets

Scalar = bool | int | float | str
# A metadata value that a cluster can store. It rejects null, and returns every number as a float.
Value = Scalar | Sequence | Mapping

# Written beside executor_output.json: the digest of every file of every output. `boxwright verify` uses it to find changed files.
FILES = "digests.json"
# Beside it: the state of the files of each output when their digests were computed. Files with this state need not be read again.
STATES = "states.json"

# KFP shows all metadata of these types as measurements. A KFP without MLMD refuses texts in those of the first type.
METRICS, CLASSIFICATION_METRICS = "system.Metrics", "system.ClassificationMetrics"

# Most characters of a value of the metadata. KFP passes the metadata of all inputs of a task as one argument of a command, which
# is limited to 128 KiB.
LONGEST = 500

# Where the KFP launcher mounts a bucket inside the container.
MOUNTS = {"gs://": "/gcs/", "s3://": "/s3/", "minio://": "/minio/"}


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of a step's `run`. The output files exist already.

    artifacts: metadata of each output artifact by its name in the component (`records`, `model`, ...). Only totals: KFP passes
    metadata as one command argument, which is limited to 128 KiB. A `digest` among them is the step's own digest of the meaning
    of the content (of a recipe without its comments, for example). It is stored as `content_digest`.
    parameters: output parameters by name. A parameter that a condition tests is a bool or a number, never a string.
    headline: a line to print at the end of the step.
    """

    artifacts: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    parameters: Mapping[str, Scalar] = field(default_factory=dict)
    headline: str = ""


def local_path(uri: str) -> Path:
    """The path of an artifact inside a container."""
    for scheme, mount in MOUNTS.items():
        if uri.startswith(scheme):
            return Path(mount + uri.removeprefix(scheme))
    return Path(uri)


def run_and_emit(run: Callable[[], Result], executor_input: str | None, step: str = "") -> Result:
    """Runs a step. If KFP started it, also writes `executor_output.json` and the files of the output parameters.

    Raises UserError for an executor input that KFP does not write, before the step runs.
    """
    task = parsed(executor_input) if executor_input else {}
    started = time.monotonic()
    result = run()
    if task:
        seconds = round(time.monotonic() - started, 2)
        emit(result, task["outputs"], origin(task.get("inputs", {}), step) | {"seconds": seconds})
    return result


def parsed(executor_input: str) -> dict[str, Any]:
    """The executor input as a dict. Raises UserError if it is not what KFP passes to a component."""
    try:
        task = json.loads(executor_input)
        json.dumps(task)  # it is not so deep that the metadata cannot be written
        _check(task["outputs"], task.get("inputs", {}))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise UserError(
            f"--executor-input is not what KFP passes to a component ({type(error).__name__}: {brief(error)}); only KFP gives "
            "this flag: leave it out"
        ) from None
    return task


def _check(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    """Raises TypeError, KeyError, AttributeError or IndexError for what `emit` and `origin` cannot read."""
    made = [listed["artifacts"][0] for listed in outputs.get("artifacts", {}).values()]
    given = [one for listed in inputs.get("artifacts", {}).values() for one in listed.get("artifacts", [])]
    texts = [outputs["outputFile"], *(one["outputFile"] for one in outputs.get("parameters", {}).values())]
    texts += [artifact[key] for artifact in made for key in ("name", "uri")] + [artifact["uri"] for artifact in given]
    if not all(isinstance(text, str) and text.strip("./") and b"\0" not in text.encode() for text in texts):
        raise TypeError("a name or a path is not a text, or empty")
    about = [inputs.get("parameterValues", {}), *(artifact.get("metadata", {}) for artifact in (*made, *given))]
    about += [artifact.get("type", {}) for artifact in made]
    if not all(isinstance(one, dict) for one in about):
        raise TypeError("metadata, parameters or a type are no mapping")
    if not all(isinstance(one.get(key, ""), Scalar) for one in about for key in ("digest", "seed", "recipe")):
        raise TypeError("a digest, a seed or a recipe is not one value")


def emit(result: Result, outputs: Mapping[str, Any], made: Mapping[str, Scalar]) -> None:
    """Writes the files that KFP expects. The metadata of each artifact get its digest and `made`, except those of metrics.

    outputs: from the executor input; made: from `origin`.
    Raises KeyError for an output that the component does not declare, and FileNotFoundError for an artifact without a file. With
    such an artifact the local cache would never hit.
    """
    declared = outputs.get("artifacts", {})
    if unknown := set(result.artifacts) - set(declared):
        raise KeyError(f"the step has outputs {sorted(unknown)} that its component does not declare")
    artifacts, files, states = {}, {}, {}
    for name, listed in declared.items():
        artifact = listed["artifacts"][0]
        if not os.path.exists(local_path(artifact["uri"])):
            raise FileNotFoundError(f"output {name}: nothing was written at {artifact['uri']}")
        files[name] = digests.of_each(local_path(artifact["uri"]))
        states[name] = digests.of_state(local_path(artifact["uri"]), files[name])
        own = _metadata(artifact, result.artifacts.get(name, {}), digests.of_files(files[name]), made)
        metadata = artifact.get("metadata", {}) | own
        artifacts[name] = {"artifacts": [{"name": artifact["name"], "uri": artifact["uri"], "metadata": metadata}]}
    for name, value in result.parameters.items():
        text = value if isinstance(value, str) else json.dumps(value)
        _write(Path(outputs["parameters"][name]["outputFile"]), text)
    file = Path(outputs["outputFile"])
    _write(file.with_name(FILES), json.dumps(files, indent=1))
    _write(file.with_name(STATES), json.dumps(states))
    _write(file, json.dumps({"artifacts": artifacts, "parameterValues": dict(result.parameters)}))


def _metadata(
    artifact: Mapping[str, Any], own: Mapping[str, Value], digest: str, made: Mapping[str, Scalar]
) -> dict[str, Value]:
    """The metadata of an output. Those of metrics hold the step's measurements and nothing else.

    artifact: from the executor input; own: from the step. Its long texts are cut, except those of metrics.
    Raises TypeError for a Metrics artifact with anything but numbers.
    """
    kind = artifact.get("type", {}).get("schemaTitle", "")
    if kind == METRICS and (wrong := [key for key, value in own.items() if type(value) not in (int, float)]):
        raise TypeError(f"the metadata of {artifact['name']}, a Metrics artifact, are no numbers: {wrong}")
    if kind in (METRICS, CLASSIFICATION_METRICS):
        return dict(own)
    return {**with_digest(shortened(own), digest), **made}


def shortened(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the long ones cut: a parameter may hold any text."""
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    return {
        key: value if len(texts[key]) <= LONGEST else f"{texts[key][:LONGEST]}... ({len(texts[key])} characters)"
        for key, value in values.items()
    }


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{str(file)[:300]} cannot be written: {error.strerror}; see that the disk has room") from None


def with_digest(metadata: Mapping[str, Value], digest: str) -> dict[str, Value]:
    """The step's metadata with the digest of its files. `boxwright verify` recomputes that digest."""
    own = metadata.get("digest", digest)
    return {**metadata, "digest": digest, **({} if own == digest else {"content_digest": own})}


def origin(inputs: Mapping[str, Any], step: str) -> dict[str, Scalar]:
    """Metadata that all outputs of a task share: the inputs and the code that they were made from.

    A task without its own seed or recipe gets the seed and recipe of its inputs, if these agree.

    inputs: from the executor input.
    """
    given = dict(_artifacts(inputs))
    used = {name: artifact["metadata"]["digest"] for name, artifact in given.items()}
    parameters = without_secrets(inputs.get("parameterValues", {}))
    image = os.environ.get("BOXWRIGHT_IMAGE", "")
    made = {
        "step": step,
        "version": __version__,
        "image": image,
        "source": source(image, step),
        "inputs": json.dumps(used, sort_keys=True),
        "parameters": json.dumps(shortened(parameters), sort_keys=True),
        "seed": _as_int(parameters.get("seed", _common("seed", given))),
        "recipe": used.get("recipe", _common("recipe", given)),
    }
    return {key: value for key, value in made.items() if value not in ("", None)}


def source(image: str, step: str) -> str:
    """Digest of the code: from the image's tag or, without an image, computed from the installed code."""
    if not image and step not in environments.STEPS:
        return ""
    tag = (image or environments.image(environments.STEPS[step])).rpartition(":")[2]
    return tag.removeprefix(f"{__version__}-").removesuffix("-gpu")


def _artifacts(inputs: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and artifact of each input, with a digest in its metadata. A list of artifacts gives `name[0]`, `name[1]`, ..."""
    for name, listed in inputs.get("artifacts", {}).items():
        found = listed.get("artifacts", [])
        for index, artifact in enumerate(found):
            metadata = artifact.get("metadata", {})
            if "digest" not in metadata:  # an imported artifact: no step of ours made it
                path = local_path(artifact["uri"])
                metadata = metadata | {"digest": digests.of_path(path) if os.path.exists(path) else "unknown"}
            yield name if len(found) == 1 else f"{name}[{index}]", artifact | {"metadata": metadata}


def _common(key: str, artifacts: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value that the artifacts' metadata have in common for a key. None if they have no value or different ones."""
    values = {artifact["metadata"][key] for artifact in artifacts.values() if key in artifact["metadata"]}
    return values.pop() if len(values) == 1 else None


def _as_int(number: Any) -> Any:
    """Turns a whole float into an int, because the metadata return 0 as 0.0."""
    return int(number) if isinstance(number, float) and number.is_integer() else number

"""Runs a task's command in a container of its image, for `boxwright run --engine docker`.

Unlike kfp's own handler, it separates standard output and standard error, and reports a removed container as failed. The command
runs as the calling user, with a larger /dev/shm. Its inputs are mounted read-only. It cannot write the image's files, has no
capabilities, cannot gain any, and has a network only if it needs one.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from boxwright.core.runtime.errors import UserError

# Label of a container: the folder of its run. The next run there removes the containers of a killed run.
LABEL = "dev.boxwright.out"
SHARED_MEMORY = "1g"
# Share of the engine's memory that a step may use. A step that needs more is ended before this machine swaps.
MEMORY_SHARE = 0.9
# Processes and threads of a container: some per core and library, so thousands on a large machine. A fork bomb starts more.
MOST_THREADS = 32_768
# A step needs the network if one of its flags names one of these.
_ADDRESSES = ("https://", "gs://", "s3://", "minio://")


def start(
    image: str, command: Sequence[str], out: Path, reads: Iterable[Path], environment: Mapping[str, str], log: Path
) -> int:
    """Runs the command and returns its exit code. Its standard output goes to ours, its standard error to `log`.

    out: folder mounted at the same path, writable. reads: files and folders mounted at the same path, read-only.
    """
    with engine() as docker, log.open("wb") as errors:
        container = docker.containers.create(
            image,
            list(command),
            user=f"{os.getuid()}:{os.getgid()}",
            mounts=_mounts(out, reads),
            working_dir=str(out),
            environment=dict(environment),
            labels={LABEL: str(out)},
            **confinement(docker.info()["MemTotal"], needs_network(command)),
        )
        try:
            output = container.attach(stream=True, demux=True, logs=True)
            container.start()
            for standard, error in output:
                print((standard or b"").decode(errors="replace"), end="", flush=True)
                errors.write(error or b"")
            return container.wait()["StatusCode"]
        finally:
            container.remove(force=True)


def _mounts(out: Path, reads: Iterable[Path]) -> list[Any]:
    from docker.types import Mount

    modes = {path: True for path in reads} | {out: False}
    return [Mount(str(path), str(path), type="bind", read_only=read_only) for path, read_only in modes.items()]


def needs_network(command: Sequence[str]) -> bool:
    """Whether a flag of the command names an address, the model zoo or a runner of Beam."""
    values = dict(pairwise(command))
    remote = any(word.startswith(_ADDRESSES) for word in command)
    return remote or values.get("--init") == "auto" or bool(values.get("--beam-options"))


def confinement(memory: int, network: bool) -> dict[str, Any]:
    """The options of the engine that limit a container. memory: of the engine, in bytes."""
    most = int(memory * MEMORY_SHARE)
    return {
        "network_mode": "bridge" if network else "none",
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "read_only": True,
        "tmpfs": {"/tmp": ""},
        "shm_size": SHARED_MEMORY,
        "pids_limit": MOST_THREADS,
        "mem_limit": most,
        "memswap_limit": most,
    }


def end_leftovers(out: Path) -> None:
    """Removes the containers of a killed run in this folder. Otherwise two trainings could write to it at once."""
    with engine() as docker:
        for container in docker.containers.list(all=True, filters={"label": f"{LABEL}={out}"}):
            container.remove(force=True)


@contextmanager
def engine() -> Iterator[Any]:
    """A client of the Docker engine that the environment variables name. Raises DockerException if none answers."""
    import docker
    from docker.errors import DockerException

    try:
        client = docker.from_env()
    except ValueError as error:  # DOCKER_HOST is not an address
        raise DockerException(f"DOCKER_HOST={os.environ['DOCKER_HOST']}: {error}") from None
    with closing(client):
        yield client


def require(images: Iterable[str]) -> None:
    """Raises UserError unless a Docker engine answers and has the images or can pull them."""
    from docker.errors import DockerException

    try:
        with engine() as answering:
            answering.ping()
            for image in images:
                _require(answering, image)
    except DockerException as error:
        raise UserError(
            f"--engine docker: no Docker engine answers ({error}); start it, or leave out --engine to run without Docker"
        ) from None


def _require(engine: Any, image: str) -> None:
    from docker.errors import APIError, ImageNotFound

    try:
        engine.images.get(image)
    except ImageNotFound:
        try:
            engine.images.pull(image)
        except APIError as error:
            raise UserError(
                f"--engine docker: the image {image} does not exist here and cannot be pulled ({error.explanation}); run "
                "`make images`, or set BOXWRIGHT_REGISTRY to a registry that has it"
            ) from None

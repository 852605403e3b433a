"""Starts a task's command in the container of its image: the engine `docker` of `boxwright run`.

kfp's own handler joins standard output and error, and takes a container that is gone for one that ended well; this one does
neither, and gives the steps the calling user, a larger /dev/shm and, read only, the folders that they read.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from boxwright.core.runtime.errors import UserError

# Says which run's folder a container works for, so that the next run there can end what a killed one left.
LABEL = "dev.boxwright.out"
SHARED_MEMORY = "1g"


def start(
    image: str, command: Sequence[str], out: Path, reads: Iterable[Path], environment: Mapping[str, str], log: Path
) -> int:
    """Runs the command to its end, its standard output on ours, its standard error in `log`; returns its exit code.

    out: mounted at its own path; reads: likewise, read only.
    """
    mounts = {str(path): {"bind": str(path), "mode": "ro"} for path in reads} | {
        str(out): {"bind": str(out), "mode": "rw"}
    }
    with engine() as docker, log.open("wb") as errors:
        container = docker.containers.create(
            image,
            list(command),
            user=f"{os.getuid()}:{os.getgid()}",
            volumes=mounts,
            working_dir=str(out),
            environment=dict(environment),
            shm_size=SHARED_MEMORY,
            labels={LABEL: str(out)},
        )
        try:
            output = container.attach(stream=True, demux=True, logs=True)
            container.start()
            for said, complained in output:
                print((said or b"").decode(errors="replace"), end="", flush=True)
                errors.write(complained or b"")
            return container.wait()["StatusCode"]
        finally:
            container.remove(force=True)


def end_leftovers(out: Path) -> None:
    """Ends the containers of an earlier run in this folder that was killed: two trainings in one folder would mix."""
    with engine() as docker:
        for container in docker.containers.list(all=True, filters={"label": f"{LABEL}={out}"}):
            container.remove(force=True)


@contextmanager
def engine() -> Iterator[Any]:
    """A client of the Docker engine that the environment names. Raises DockerException where none answers."""
    import docker

    try:
        client = docker.from_env()
    except ValueError as error:  # what cannot be an address
        raise docker.errors.DockerException(f"DOCKER_HOST={os.environ['DOCKER_HOST']}: {error}") from None
    with closing(client):
        yield client


def require(images: Iterable[str]) -> None:
    """Raises UserError unless a Docker engine answers that has the images or can pull them."""
    import docker

    try:
        with engine() as answering:
            answering.ping()
            for image in images:
                _require(answering, image)
    except docker.errors.DockerException as error:
        raise UserError(
            f"--engine docker: no Docker engine answers ({error}); start it, or leave the flag out to run without Docker"
        ) from None


def _require(engine, image: str) -> None:
    import docker

    try:
        engine.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            engine.images.pull(image)
        except docker.errors.APIError as error:
            raise UserError(
                f"--engine docker: the image {image} is not here and cannot be pulled ({error.explanation}); run `make images`, "
                "or name the registry that has it in BOXWRIGHT_REGISTRY"
            ) from None

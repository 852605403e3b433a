"""Reports what is installed and what is missing for each way of running: on this machine, in Docker, on a cluster."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from boxwright.cluster.connection.address import Address
from boxwright.cluster.server import Server
from boxwright.command_line import installation
from boxwright.command_line.installation import Check
from boxwright.core.runtime import console as terminal
from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError
from boxwright.local import docker_engine


@dataclass(frozen=True, kw_only=True)
class Config(Address):
    pass


def main(argv: list[str]) -> None:
    """Exits with code 1 if no way of running works."""
    config = terminal.parse(Config, argv, "boxwright doctor", __doc__)
    checks = [*installation.checks(), *in_docker(), *on_cluster(config)]
    sys.exit(0 if show(checks, terminal.console(markup=True)) else 1)


def show(checks: Iterable[Check], console: Console) -> bool:
    """Prints each way of running with its checks. Returns whether at least one way works."""
    works = {}
    for check in checks:
        if check.way not in works:
            console.print(f"[bold]{check.way}[/bold]")
        works[check.way] = works.get(check.way, True) and check.ok
        mark = "[green]✔[/green]" if check.ok else "[red]✘[/red]"
        console.print(f"  {mark} {escape(check.text)}", soft_wrap=True)
    for way, good in works.items():
        console.print(f"{way}: {'ready' if good else 'something is missing'}")
    return any(works.values())


def in_docker() -> Iterable[Check]:
    """The engine, and each image that a run would use."""
    from docker.errors import DockerException

    way = "Docker: boxwright run --engine docker"

    try:
        with docker_engine.engine() as engine:
            version = engine.version()["Version"]
            tags = {tag for image in engine.images.list() for tag in image.tags}
    except DockerException as error:
        yield Check(way, False, f"no Docker engine answers: {error}")
        return
    yield Check(way, True, f"Docker engine {version}")
    for name in environments.HOST:
        tag = environments.image(name)
        yield Check(way, tag in tags, tag if tag in tags else f"{tag} does not exist: run `make images`")


def on_cluster(config: Config) -> Iterable[Check]:
    """The server, and the registry of the images."""
    way = "cluster: boxwright submit"
    yield _answered(way, lambda: f"KFP answers at {_new_enough(config)}")
    registry = environments.image("data").rpartition("boxwright/")[0]
    missing = "BOXWRIGHT_REGISTRY is not set: the cluster could not pull the images; see `make push`"
    yield Check(way, bool(registry), f"images come from {registry}" if registry else missing)


def _new_enough(config: Config) -> str:
    """The address of the server. Raises UserError if it does not answer or is too old."""
    server = Server(config)
    server.require_version()
    return server.url


def _answered(way: str, ask: Callable[[], str]) -> Check:
    try:
        return Check(way, True, ask())
    except UserError as error:
        return Check(way, False, str(error))

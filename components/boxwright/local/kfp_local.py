"""Runs a pipeline on this machine through kfp.local. Each command runs in the host environment of its image, or in Docker.

kfp.local itself runs container components only in Docker. kfp_patches lists the parts of it that are replaced.
"""

import contextlib
import copy
import logging
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from boxwright import environments
from boxwright.core.runtime.environments import HOST, HostName
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets
from boxwright.lineage import records
from boxwright.local import cache_check, docker_engine, kfp_patches
from boxwright.local.kfp_patches import Outputs

# Lines to show from the end of a crashed step's log.
CRASH_LINES = 30
# The exit handler. It also runs after a failure.
RUN_STATUS = "run-status"


class StepCrashed(Exception):
    """A step failed with an error that the user cannot correct. The message has the end of its log."""


@dataclass
class Session:
    """One run: its folder and its tasks so far.

    out: folder of steps/ (outputs), cache/, logs/ and lineage.json. docker: tasks run in containers of their images. A container
    has access to `out` and, read-only, to the files and folders `reads`. seen_as: by name of an output parameter, what later
    tasks get in place of its value. The lineage and the cache keep the value.
    """

    out: Path
    console: Console
    docker: bool = False
    reads: Sequence[Path] = ()
    seen_as: Mapping[str, Any] = field(default_factory=dict)
    tasks: list[records.Task] = field(default_factory=list)
    failure: Exception | None = None


@dataclass
class Attempt:
    """The current task of this thread. `ran` becomes true when its command starts; a cached task starts no command."""

    name: str
    ran: bool = False


_attempt: ContextVar[Attempt] = ContextVar("attempt")


def run(
    pipeline: Callable,
    arguments: Mapping[str, Any],
    out: Path,
    console: Console,
    docker: bool = False,
    reads: Sequence[Path] = (),
    seen_as: Mapping[str, Any] | None = None,
) -> list[records.Task]:
    """Runs a pipeline below `out`. The outputs of an earlier run are reused if the task's code, flags and inputs are the same and
    the outputs are unchanged.

    docker: run in containers with access to `out` and, read-only, to the paths `reads`; default: in the host environments.
    seen_as: by name of an output parameter, what later tasks and conditions get in place of its value.
    Raises UserError with the step's message if a step ended with exit code 2, StepCrashed for any other failure.
    """
    from kfp import local
    from kfp.local import config

    session = Session(out, console, docker, reads, seen_as or {})
    if docker:
        docker_engine.end_leftovers(out)
    steps, cache = str(out / "steps"), str(out / "cache")
    with kfp_patches.applied(_hooks(session)), _logged(out / "logs" / "kfp.log"):
        runner = local.DockerRunner() if docker else local.SubprocessRunner(use_venv=False)
        local.init(runner, pipeline_root=steps, cache_root=cache, enable_caching=True)
        try:
            pipeline(**arguments)
        except RuntimeError as error:
            raise session.failure or error from None
        finally:
            config.LocalExecutionConfig.instance = None
    return session.tasks


def _hooks(session: Session) -> kfp_patches.Hooks:
    return kfp_patches.Hooks(
        start=lambda *container: _start(session, *container),
        execute=lambda execute, task: _execute(session, execute, task),
        check_cached=lambda outputs: _check_cached(session, outputs),
    )


@contextlib.contextmanager
def _logged(file: Path) -> Iterator[None]:
    """Writes kfp's log (of the root logger) to a file instead of the terminal."""
    file.parent.mkdir(parents=True, exist_ok=True)
    root, handler = logging.getLogger(), logging.FileHandler(file, mode="w")
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        with contextlib.suppress(OSError):  # a full disk; what the run itself cannot write is an error of its own
            handler.close()


def _execute(session: Session, execute: Callable, task: dict[str, Any]) -> tuple[Outputs, Any]:
    """Calls kfp's `execute_single_task`, then prints a line and records the task's inputs and outputs."""
    from kfp.local.status import Status

    if session.failure and task["task_name"] != RUN_STATUS:
        return {}, Status.FAILURE
    spec = copy.deepcopy(task["task_spec"])  # the graph may be compiled later, so it must not change
    spec.ClearField("retry_policy")  # retries are for lost pods; a local step would only fail again
    task = task | {"task_spec": spec}
    attempt = Attempt(spec.task_info.name or task["task_name"])
    _attempt.set(attempt)
    started = time.monotonic()
    outputs, status = execute(**task)
    seconds = round(time.monotonic() - started, 2) if attempt.ran else None
    error = "" if status is Status.SUCCESS else str(session.failure or "")
    session.tasks.append(records.from_kfp(attempt.name, task, outputs, seconds, session.out, error))
    records.write(session.tasks, session.out)
    if status is Status.SUCCESS:
        took = "kept from an earlier run" if seconds is None else f"{seconds:.1f} s"
        session.console.print(f"[green]✔[/green] {attempt.name:<16} [dim]{took}[/dim]")
    return {name: session.seen_as.get(name, value) for name, value in outputs.items()}, status


def _check_cached(session: Session, outputs: Outputs | None) -> Outputs | None:
    """The cached outputs of a task; None if files are missing or changed. kfp itself only checks that the paths exist."""
    if outputs is None or cache_check.all_unchanged(outputs):
        return outputs
    notice = f"outputs of {_attempt.get().name} from an earlier run are missing or changed; it runs again"
    session.console.print(f"[yellow]{escape(notice)}[/yellow]")
    return None


def _start(
    session: Session, image: str, command: Sequence[str], environment: Mapping[str, str], by_kfp: Callable[[], bool]
) -> bool:
    """Runs a container's command, in the host environment of its image or in a container. Returns whether it succeeded.

    by_kfp: runs it as kfp does. That is how the steps run that are not ours, in somebody's own pipeline.
    Standard output goes directly to the terminal, so that progress bars work. Standard error goes to OUT/logs, because libraries
    write a lot to it. Only its lines `warning: ...` are shown.
    """
    attempt = _attempt.get()
    attempt.ran = True
    session.console.print(f"[bold]▶ {attempt.name}[/bold]")
    if not (name := environment_of(image)):
        return _started_by_kfp(session, attempt.name, by_kfp)
    log = session.out / "logs" / f"{attempt.name.replace(' ', '-')}.log"
    variables = {
        "PYTHONUNBUFFERED": "1",
        "BOXWRIGHT_WORKSPACE": str(session.out / "resume"),
        "BOXWRIGHT_IMAGE": image,
        **environment,
    }
    if session.docker:
        code = docker_engine.start(image, command, session.out, session.reads, variables, log)
    else:
        code = start_on_host(environments.ensure(name) / "bin", command, variables, log)
    if code:
        session.failure = failure(attempt.name, code, log)
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("warning: "):
            session.console.print(f"[yellow]{escape(line)}[/yellow]")
    return not code


def _started_by_kfp(session: Session, name: str, by_kfp: Callable[[], bool]) -> bool:
    if not (done := by_kfp()):
        session.failure = StepCrashed(f"{name} failed; its output is above")
    return done


def start_on_host(folder: Path, command: Sequence[str], variables: Mapping[str, str], log: Path) -> int:
    """Runs a program of the environment whose `bin` is `folder`. Returns its exit code; negative if a signal ended it."""
    ours = {
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "BOXWRIGHT_RUNNER": str(os.getpid()),
    }
    with log.open("w", encoding="utf-8") as errors:
        program = [str(folder / command[0]), *command[1:]]
        return subprocess.call(program, env={**os.environ, **ours, **variables}, stderr=errors)


def environment_of(image: str) -> HostName | None:
    """The host environment of the image `REGISTRY/boxwright/<environment>:<tag>`. None for an image that is not ours."""
    *_, project, name = ("", *image.split("/"))
    return HOST.get(name.partition(":")[0]) if project == "boxwright" else None


def failure(name: str, code: int, log: Path) -> Exception:
    """The error of a failed step, from its exit code and log: a UserError or a crash."""
    text = log.read_text(encoding="utf-8", errors="replace")
    if code == 2 and "error: " in text:
        return UserError(text.rpartition("\nerror: ")[2].strip().removeprefix("boxwright "))
    signal = -code if code < 0 else code - 128  # negative for a local process, above 128 in a container
    how = f"was killed by signal {signal} (9: often out of memory)" if signal > 0 else f"ended with exit code {code}"
    tail = without_secrets("\n".join(text.splitlines()[-CRASH_LINES:]))
    return StepCrashed(f"{tail}\n\n{name} {how}; full log: {log}")

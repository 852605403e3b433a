"""Runs a pipeline on this machine: kfp.local, with each container's command in the host environment of its image or in it.

kfp.local runs container components in Docker only. While a pipeline runs here, two of its functions are wrapped (to report and
record each task; to look at what its cache keeps) and its task handlers are replaced (to start the command);
tests/pipelines/test_local.py notices when a new kfp has moved them.
"""

import contextlib
import copy
import logging
import os
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from boxwright import lineage
from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError
from boxwright.local import cache_check, docker_engine

# Lines of a crashed step's log that are shown.
CRASH_LINES = 30

# The exit handler, which runs after a failure, too.
RUN_STATUS = "run-status"


class StepCrashed(Exception):
    """A step ended in a way that no user can put right; the message holds the end of its log."""


@dataclass
class Session:
    """What the tasks of one run did so far. `out` holds steps/ (outputs), cache/, logs/ and lineage.json.

    docker: whether a task's command starts in the container of its image; reads: what such a container then sees beside `out`.
    """

    out: Path
    console: Console
    docker: bool = False
    reads: Sequence[Path] = ()
    tasks: list[lineage.Task] = field(default_factory=list)
    failure: Exception | None = None


@dataclass
class Attempt:
    """The task that this thread is at; `ran` turns true when its command starts: a cached task has none."""

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
) -> list[lineage.Task]:
    """Runs a pipeline below `out`; tasks whose code, flags and inputs are those of an earlier run there are not run again, where
    their outputs are as they were.

    docker: in containers, which see `out` and, read only, the folders `reads`; else in the host environments.
    Raises UserError in the step's own words when a step ended with exit code 2, StepCrashed when with another.
    """
    from kfp import local
    from kfp.local import config

    session = Session(out, console, docker, reads)
    if docker:
        docker_engine.end_leftovers(out)
    steps, cache = str(out / "steps"), str(out / "cache")
    with _prepared(session), _logged(out / "logs" / "kfp.log"):
        runner = local.DockerRunner() if docker else local.SubprocessRunner(use_venv=False)
        local.init(runner, pipeline_root=steps, cache_root=cache, enable_caching=True)
        try:
            pipeline(**arguments)
        except RuntimeError as error:
            raise session.failure or error from None
        finally:
            config.LocalExecutionConfig.instance = None
    return session.tasks


@contextlib.contextmanager
def _prepared(session: Session) -> Iterator[None]:
    """kfp.local with our way of starting and reporting a task, and without its own output."""
    from kfp.local import cache, docker_task_handler, logging_utils, subprocess_task_handler
    from kfp.local.orchestrator import task_executor

    execute, get = task_executor.execute_single_task, cache.LocalCache.get
    replacements = (
        (cache.LocalCache, "get", lambda entries, key: _kept(session, get(entries, key))),
        (task_executor, "execute_single_task", lambda **task: _execute(session, execute, task)),
        (subprocess_task_handler, "SubprocessTaskHandler", lambda **task: Command(session, **task)),
        (docker_task_handler, "DockerTaskHandler", lambda **task: Command(session, **task)),
        (logging_utils, "local_logger_context", contextlib.nullcontext),
        (logging_utils, "indented_print", contextlib.nullcontext),
        (logging_utils, "print_horizontal_line", lambda: None),
    )
    with contextlib.ExitStack() as stack, warnings.catch_warnings():
        # It says that display names have no effect here: they do, in our lines.
        warnings.filterwarnings("ignore", message="Task .* settings", category=UserWarning)
        for module, name, ours in replacements:
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, ours)
        yield


@contextlib.contextmanager
def _logged(file: Path) -> Iterator[None]:
    """kfp logs through the root logger: into a file, not between the lines of the steps."""
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
        handler.close()


def _execute(session: Session, execute: Callable, task: dict[str, Any]) -> tuple[dict, Any]:
    """kfp's `execute_single_task` with a line at the end of each task and a record of what went in and came out."""
    from kfp.local.status import Status

    last = task["task_name"] == RUN_STATUS
    if session.failure and not last:
        return {}, Status.FAILURE
    spec = copy.deepcopy(task["task_spec"])  # the graph may be compiled yet
    spec.ClearField("retry_policy")  # for pods that get lost: here a step that failed would only fail again
    task = task | {"task_spec": spec}
    attempt = Attempt(spec.task_info.name or task["task_name"])
    _attempt.set(attempt)
    started = time.monotonic()
    outputs, status = execute(**task)
    seconds = round(time.monotonic() - started, 2) if attempt.ran else None
    error = "" if status is Status.SUCCESS else str(session.failure or "")
    session.tasks.append(lineage.task(attempt.name, task, outputs, seconds, session.out, error))
    lineage.write(session.tasks, session.out)
    if status is Status.SUCCESS:
        took = f"{seconds:.1f} s" if attempt.ran else "kept from an earlier run"
        session.console.print(f"[green]✔[/green] {attempt.name:<16} [dim]{took}[/dim]", highlight=False)
    return outputs, status


def _kept(session: Session, outputs: dict | None) -> dict | None:
    """What kfp's cache knows of a task, unless files of it are lost or changed: kfp sees only whether there is any."""
    if outputs is None or cache_check.whole(outputs):
        return outputs
    told = f"what an earlier run's {_attempt.get().name} made is not all there as it was: it runs again"
    session.console.print(f"[yellow]{escape(told)}[/yellow]", highlight=False)
    return None


class Command:
    """Stands in for kfp's task handlers: the container's command, started in the host environment of its image or in it.

    Standard output goes straight to the terminal, so that progress bars move; standard error, where libraries
    are noisy, goes to OUT/logs, and of it only lines `warning: ...` to the terminal.
    """

    def __init__(self, session: Session, image: str, full_command: Sequence[str], env_vars: Mapping | None = None, **_):
        self.session, self.image, self.command, self.env_vars = session, image, list(full_command), env_vars or {}

    def run(self) -> Any:
        from kfp.local.status import Status

        attempt = _attempt.get()
        attempt.ran = True
        self.session.console.print(f"[bold]▶ {attempt.name}[/bold]", highlight=False)
        log = self.session.out / "logs" / f"{attempt.name.replace(' ', '-')}.log"
        code = self._start(log)
        if code:
            self.session.failure = failure(attempt.name, code, log)
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("warning: "):
                self.session.console.print(f"[yellow]{escape(line)}[/yellow]", highlight=False)
        return Status.FAILURE if code else Status.SUCCESS

    def _start(self, log: Path) -> int:
        given = {
            "PYTHONUNBUFFERED": "1",
            "BOXWRIGHT_WORKSPACE": str(self.session.out / "resume"),
            "BOXWRIGHT_IMAGE": self.image,
        }
        given |= self.env_vars
        if self.session.docker:
            return docker_engine.start(self.image, self.command, self.session.out, self.session.reads, given, log)
        folder = environment(self.image) / "bin"
        own = {
            "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
            "BOXWRIGHT_RUNNER": str(os.getpid()),
        }
        with log.open("w", encoding="utf-8") as errors:
            command = [str(folder / self.command[0]), *self.command[1:]]
            return subprocess.call(command, env={**os.environ, **own, **given}, stderr=errors)


def environment(image: str) -> Path:
    """The host's folder for `REGISTRY/boxwright/<environment>:<tag>`; raises UserError when it is not installed."""
    folder = environments.home() / environments.HOST[image.rpartition("/")[2].partition(":")[0]]
    if not (folder / "bin" / "boxwright").exists():
        raise UserError(f"the environment {folder} is not installed; run `make install` in the checkout of Boxwright")
    return folder


def failure(name: str, code: int, log: Path) -> Exception:
    """What a step's exit code and log say: the user's own error, or a crash."""
    text = log.read_text(encoding="utf-8", errors="replace")
    if code == 2 and "error: " in text:
        return UserError(text.rpartition("\nerror: ")[2].strip().removeprefix("boxwright "))
    signal = -code if code < 0 else code - 128  # of a process here; of one in a container
    how = (
        f"was killed by signal {signal} (9: often for want of memory)" if signal > 0 else f"ended with exit code {code}"
    )
    tail = "\n".join(text.splitlines()[-CRASH_LINES:])
    return StepCrashed(f"{tail}\n\n{name} {how}; its whole log: {log}")

"""Replaces names inside kfp.local while a pipeline runs on this machine. No other module of ours patches kfp.

Written for kfp 2.17.0. tests/local/test_kfp_patches.py fails if another version of kfp has moved one of these names:

- `subprocess_task_handler.SubprocessTaskHandler` becomes `Hooks.start`: kfp's own refuses container components.
- `docker_task_handler.DockerTaskHandler` becomes `Hooks.start`: kfp's own runs as root, joins standard output and error, and
  reports a removed container as succeeded.
- `orchestrator.task_executor.execute_single_task` is wrapped in `Hooks.execute`: kfp neither reports nor records a task, and it
  goes on after a failure.
- `cache.LocalCache.get` is followed by `Hooks.check_cached`: kfp checks that an artifact exists, not that it is unchanged.
- `logging_utils.local_logger_context`, `indented_print` and `print_horizontal_line` do nothing: they print between our own lines.

Also used, but not replaced: `config.LocalExecutionConfig.instance` (reset after a run), `status.Status`, and
`orchestrator_utils.OrchestratorUtils.make_task_arguments` (by boxwright.lineage.records).
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# kfp's outputs of a task: name -> value or artifact.
Outputs = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Functions that replace kfp's own code.

    start(image, command, environment, kfp's own way to do it): runs a container's command; returns whether it succeeded.
    execute(kfp's function, its arguments): runs one task; returns its outputs and kfp's status.
    check_cached(outputs): returns the cached outputs if they can be reused; None to run the task.
    """

    start: Callable[[str, Sequence[str], Mapping[str, str], Callable[[], bool]], bool]
    execute: Callable[[Callable[..., tuple[Outputs, Any]], dict[str, Any]], tuple[Outputs, Any]]
    check_cached: Callable[[Outputs | None], Outputs | None]


@contextlib.contextmanager
def applied(hooks: Hooks) -> Iterator[None]:
    """Applies the hooks to kfp.local and silences its own output, until the context ends."""
    from kfp.local import cache, docker_task_handler, logging_utils, subprocess_task_handler
    from kfp.local.orchestrator import task_executor

    execute, get = task_executor.execute_single_task, cache.LocalCache.get
    process, container = subprocess_task_handler.SubprocessTaskHandler, docker_task_handler.DockerTaskHandler
    replacements = (
        (subprocess_task_handler, "SubprocessTaskHandler", lambda **task: _TaskHandler(hooks, process, task)),
        (docker_task_handler, "DockerTaskHandler", lambda **task: _TaskHandler(hooks, container, task)),
        (task_executor, "execute_single_task", lambda **task: hooks.execute(execute, task)),
        (cache.LocalCache, "get", lambda entries, key: hooks.check_cached(get(entries, key))),
        (logging_utils, "local_logger_context", contextlib.nullcontext),
        (logging_utils, "indented_print", contextlib.nullcontext),
        (logging_utils, "print_horizontal_line", lambda: None),
    )
    with contextlib.ExitStack() as stack, warnings.catch_warnings():
        # kfp warns that a task's display name has no effect locally. That is wrong here: our lines show it.
        warnings.filterwarnings("ignore", message="Task .* settings", category=UserWarning)
        for owner, name, ours in replacements:
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)
        yield


class _TaskHandler:
    """Implements the interface of kfp's task handlers: created with the task's container, then run once.

    of_kfp: kfp's own class. task: its arguments.
    """

    def __init__(self, hooks: Hooks, of_kfp: Callable[..., Any], task: Mapping[str, Any]) -> None:
        self.hooks, self.of_kfp, self.task = hooks, of_kfp, task

    def run(self) -> Any:
        from kfp.local.status import Status

        variables = self.task.get("env_vars") or {}
        done = self.hooks.start(self.task["image"], self.task["full_command"], variables, self._run_by_kfp)
        return Status.SUCCESS if done else Status.FAILURE

    def _run_by_kfp(self) -> bool:
        from kfp.local.status import Status

        return self.of_kfp(**self.task).run() is Status.SUCCESS

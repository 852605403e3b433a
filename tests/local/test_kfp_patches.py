# environment: authoring
"""The names inside kfp.local that Boxwright replaces. These tests fail if another version of kfp moves one; see kfp_patches."""

import inspect

import kfp
import pytest
from kfp.local import (
    cache,
    config,
    docker_task_handler,
    logging_utils,
    subprocess_task_handler,
    task_dispatcher,
)
from kfp.local.orchestrator import dag_orchestrator, enhanced_dag_orchestrator, orchestrator_utils, task_executor

from boxwright.local import kfp_patches

HOOKS = kfp_patches.Hooks(
    start=lambda image, command, environment, by_kfp: True,
    execute=lambda execute, task: ({}, None),
    check_cached=lambda outputs: None,
)
DISPATCHED = inspect.getsource(task_dispatcher.run_single_task_implementation)


def test_docstring_names_the_installed_kfp():
    assert f"Written for kfp {kfp.__version__}." in (kfp_patches.__doc__ or "")


@pytest.mark.parametrize(
    "handler", [subprocess_task_handler.SubprocessTaskHandler, docker_task_handler.DockerTaskHandler]
)
def test_kfp_makes_task_handlers_by_these_names(handler):
    assert f"{handler.__module__.rpartition('.')[2]}.{handler.__name__}" in DISPATCHED
    expected = {"self", "image", "full_command", "pipeline_root", "runner", "env_vars"}
    assert expected - {"env_vars"} <= set(inspect.signature(handler.__init__).parameters) <= expected
    assert callable(handler.run)


@pytest.mark.parametrize("module", [dag_orchestrator, enhanced_dag_orchestrator])
def test_kfp_executes_tasks_by_this_name(module):
    assert "task_executor.execute_single_task(" in inspect.getsource(module)
    parameters = inspect.signature(task_executor.execute_single_task).parameters
    assert {"task_name", "task_spec", "io_store"} <= set(parameters)


def test_kfp_asks_its_cache_by_this_name():
    assert "cached_outputs = local_cache.get(cache_key)" in inspect.getsource(task_executor)
    assert list(inspect.signature(cache.LocalCache.get).parameters) == ["self", "key"]


@pytest.mark.parametrize("name", ["local_logger_context", "indented_print", "print_horizontal_line"])
def test_kfp_prints_by_these_names(name):
    assert f"logging_utils.{name}(" in DISPATCHED and hasattr(logging_utils, name)


def test_what_is_used_and_not_replaced_is_there():
    assert hasattr(config.LocalExecutionConfig, "instance")
    assert list(inspect.signature(orchestrator_utils.OrchestratorUtils.make_task_arguments).parameters)[:2] == [
        "task_inputs_spec",
        "io_store",
    ]


def test_every_name_is_put_back():
    owners = (
        (subprocess_task_handler, "SubprocessTaskHandler"),
        (docker_task_handler, "DockerTaskHandler"),
        (task_executor, "execute_single_task"),
        (cache.LocalCache, "get"),
        (logging_utils, "local_logger_context"),
        (logging_utils, "indented_print"),
        (logging_utils, "print_horizontal_line"),
    )
    before = [getattr(owner, name) for owner, name in owners]
    with pytest.raises(ZeroDivisionError), kfp_patches.applied(HOOKS):
        assert all(getattr(owner, name) is not was for (owner, name), was in zip(owners, before, strict=True))
        1 / 0  # noqa: B018
    assert [getattr(owner, name) for owner, name in owners] == before

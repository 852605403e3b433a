# environment: authoring
"""What KFP's own code answered to our graphs: the facts in backend/, which are described in backend/README.md."""

import importlib
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asked
import pytest

from boxwright import graphs
from boxwright.cluster import compile as compiling
from boxwright.cluster import resources
from boxwright.command_line import step_arguments
from boxwright.core.runtime import console
from boxwright.core.runtime.flags import flags
from boxwright.kfp.component import kfp_default
from boxwright.run_status import status
from boxwright.run_status.config import Config as RunStatusConfig

FOLDER = Path(__file__).parent / "backend"
FACTS = {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("[0-9m]*.json"))}
NEWEST = list(FACTS)[-1]
# The largest argument of a command on Linux.
ARGUMENT_BYTES = 128 * 1024

every_version = pytest.mark.parametrize("version", FACTS)
every_graph = pytest.mark.parametrize("graph", graphs.NAMES)


@pytest.fixture(scope="module", params=graphs.NAMES)
def compiled(request, tmp_path_factory) -> tuple[str, dict[str, str]]:
    """Name of each graph, and what it asks today."""
    text = compiling.compile_to(tmp_path_factory.mktemp("build"), request.param).read_text()
    return request.param, asked.of(text)


def tasks(version: str, graph: str) -> dict[str, Any]:
    """Answers to each task that runs a step."""
    return FACTS[version]["graphs"][graph]["tasks"]


def answers(version: str) -> Iterator[tuple[str, str, Any]]:
    """Graph, task and answers."""
    yield from ((graph, task, answer) for graph in graphs.NAMES for task, answer in tasks(version, graph).items())


def runs(version: str, graph: str) -> dict[str, Any]:
    return FACTS[version]["graphs"][graph]["runs"]


@every_version
def test_the_facts_are_of_this_graph(version, compiled):
    graph, now = compiled
    then = FACTS[version]["graphs"][graph]["asked"]
    changed = sorted(name for name in now.keys() | then if now.get(name) != then.get(name))
    assert not changed, (
        f"{', '.join(changed)} of the graph {graph} changed after KFP's own code had been run over it, so the facts of KFP "
        f"{version} in tests/cluster/backend are about another graph: take them again, as its README says"
    )


def test_the_facts_cover_four_versions():
    assert list(FACTS) == ["2.15.0", "2.16.1", "2.17.0", "master"]
    assert len({facts["commit"] for facts in FACTS.values()}) == 4


@every_version
@every_graph
def test_every_version_runs_the_graphs_to_the_end(version, graph):
    steps = set(tasks(version, graph)) - {"refusal"}
    done, stopped = runs(version, graph)["succeeds"], runs(version, graph)["not_ready"]
    assert done["argo"] == stopped["argo"] == "Succeeded"
    assert set(done["ran"].split()) == steps and done["ran"].endswith("run-status")
    assert stopped["ran"] == "convert validate refusal run-status"


@every_version
def test_a_failed_step_ends_the_run(version):
    for graph in graphs.NAMES:
        assert runs(version, graph)["validate_fails"]["ran"] == "convert validate run-status"
        assert runs(version, graph)["diagnose_fails"]["ran"] == "convert validate diagnose run-status"
        assert {runs(version, graph)[name]["argo"] for name in ("validate_fails", "diagnose_fails")} == {"Failed"}


@every_version
def test_versions_agree_on_commands_and_pods(version):
    for graph, task, answer in answers(version):
        other = tasks(NEWEST, graph)[task]
        assert answer["command"] == other["command"] and answer["pod"] == other["pod"], task


@pytest.mark.parametrize("command", sorted({answer["command"] for _, _, answer in answers(NEWEST)}))
def test_a_command_is_what_our_step_parses(command):
    """The command after KFP's driver and launcher replaced every placeholder."""
    program, step, *words = shlex.split(command)
    assert program == "boxwright" and "{{" not in str(words)
    config = importlib.import_module(f"boxwright.{step}.config").Config
    given = console.parse(config, step_arguments.as_switches(words, config), step)
    texts = dict(zip(words[::2], words[1::2], strict=True))
    assert set(texts) <= {flag.option for flag in flags(config)}
    for flag in flags(config):
        if flag.option in texts and texts[flag.option] == as_kfp_writes(kfp_default(flag)):
            assert getattr(given, flag.name) == flag.default


def as_kfp_writes(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


@every_version
def test_retries_have_time_for_every_attempt(version):
    """As Argo gets them: maxDuration counts from the start of the first attempt."""
    for _, task, answer in answers(version):
        retry, seconds = answer["retry"], answer["pod"]["activeDeadlineSeconds"]
        assert retry["limit"] == resources.RETRIES and seconds >= resources.HOUR, task
        assert retry["maxDuration"] >= (retry["limit"] + 1) * seconds, task


@every_version
def test_pods_get_what_the_graph_asks_for(version):
    for _, task, answer in answers(version):
        pod, step = answer["pod"], shlex.split(answer["command"])[1]
        mounts = {mount["mountPath"] for mount in pod["volumeMounts"]}
        assert (resources.SECRET_FOLDER in mounts) == (step in resources.READ_BUCKETS), task
        assert {"cpu", "memory"} <= set(pod["resources"]["requests"]) & set(pod["resources"]["limits"]), task
        secrets = [volume["secret"] for volume in pod.get("volumes", []) if "secret" in volume]
        assert all(secret == {"secretName": resources.SECRET, "optional": True} for secret in secrets), task


@every_version
def test_training_gets_its_gpus_and_node(version):
    """Of a run with gpu_count 2 and node_selector {"pool": "gpu"}."""
    pod = FACTS[version]["train_on_gpu"]
    assert pod["resources"]["limits"]["nvidia.com/gpu"] == "2" and pod["nodeSelector"] == {"pool": "gpu"}
    assert pod["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    assert "/dev/shm" in {mount["mountPath"] for mount in pod["volumeMounts"]}


@every_version
@every_graph
def test_the_cache_serves_every_step(version, graph):
    """A second run with the same parameters."""
    assert runs(version, graph)["cached"]["ran"] == "run-status"


@every_version
def test_only_the_workspace_changes_cache_keys(version):
    assert FACTS[version]["without_workspace"]["fingerprint_differs_by_run"] == []
    after = ["edgetpu", "evaluate", "evaluate-2", "export", "report", "train"]
    assert FACTS[version]["workspace"]["fingerprint_differs_by_run"] == after


@every_version
def test_metadata_of_many_classes_fit_into_an_argument(version):
    """KFP passes the metadata of all inputs of a task on as one argument of its command. Of a run with 1,500 classes."""
    sizes = FACTS[version]["bytes_at_1500_classes"]
    assert {"validate", "evaluate", "report"} < set(sizes) and max(sizes.values()) < ARGUMENT_BYTES / 4


@every_version
@every_graph
def test_run_status_reads_each_final_status(version, graph):
    """No version lets a run that failed look like one that succeeded."""
    for name, run in runs(version, graph).items():
        read = status.read(
            RunStatusConfig(final=run["final"], run="RUN", pipeline=graph, data="", page=Path(), status=Path())
        )
        assert not (run["argo"] == "Failed" and read.state == "SUCCEEDED"), name
        assert read.error == ""

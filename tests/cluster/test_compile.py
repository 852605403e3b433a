# environment: authoring
"""The compiled graphs: valid for KFP's own protobufs, described for the UI, with the cluster resources of each task."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import readme_code
import yaml
from google.protobuf import json_format
from kfp.kubernetes import kubernetes_executor_config_pb2 as _platform
from kfp.pipeline_spec import pipeline_spec_pb2 as _pipeline

from boxwright import graphs
from boxwright.cluster import compile as compiling
from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError

# protobuf makes these modules' members when they are imported.
pipeline_spec_pb2: Any = _pipeline
kubernetes_executor_config_pb2: Any = _platform


@pytest.fixture(scope="module", params=graphs.NAMES)
def graph(request, tmp_path_factory) -> tuple[str, str]:
    """Name and YAML of each graph."""
    return request.param, compiling.compile_to(tmp_path_factory.mktemp("build"), request.param).read_text()


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> str:
    """YAML of finetune."""
    return compiling.compile_to(tmp_path_factory.mktemp("build") / "deep", "finetune").read_text()


def spec_of(text: str) -> Any:
    """The PipelineSpec. Raises json_format.ParseError for a field that KFP does not know."""
    return json_format.ParseDict(
        next(iter(yaml.load_all(text, Loader=yaml.CSafeLoader))), pipeline_spec_pb2.PipelineSpec()
    )


def platform_of(text: str) -> dict[str, Any]:
    """KubernetesExecutorConfig by executor. Raises json_format.ParseError for a field that it does not know."""
    platform = list(yaml.load_all(text, Loader=yaml.CSafeLoader))[1]["platforms"]["kubernetes"]["deploymentSpec"][
        "executors"
    ]
    config = kubernetes_executor_config_pb2.KubernetesExecutorConfig
    return {name: json_format.ParseDict(values, config()) for name, values in platform.items()}


def test_the_interface_is_unchanged(graph):
    """A change affects everybody who has uploaded the graph. After an intended change, run `make golden`."""
    name, text = graph
    golden = Path(__file__).parent / "golden" / f"{name}.yaml"
    without_tags = re.sub(r"(image: \S*boxwright/\w+):\S+", r"\1:TAG", text)  # a tag changes with the code
    if os.environ.get("BOXWRIGHT_GOLDEN") == "write":
        golden.write_text(without_tags)
    assert without_tags == golden.read_text()


def test_the_command_names_its_files_and_images(tmp_path, capsys):
    compiling.main(["--out", str(tmp_path), "--graph", "diagnose"])
    assert [file.name for file in tmp_path.iterdir()] == ["diagnose.yaml"]
    assert "boxwright/data:" in capsys.readouterr().out


@pytest.mark.parametrize("out", ["file/deep", "taken"])
def test_rejects_a_place_that_cannot_be_written(tmp_path, out):
    (tmp_path / "file").touch()
    (tmp_path / "taken" / "diagnose.yaml").mkdir(parents=True)
    with pytest.raises(UserError, match=r"cannot be written: (Not|Is) a directory; choose a path"):
        compiling.main(["--out", str(tmp_path / out), "--graph", "diagnose"])


def test_valid_and_complete(graph):
    name, text = graph
    spec = spec_of(text)
    executors = spec.deployment_spec["executors"]
    labels = [c.executor_label for c in spec.components.values() if c.executor_label]
    assert spec.pipeline_info.name == f"boxwright-{name}"
    assert set(platform_of(text)) == set(executors.keys())
    assert sorted(labels) == sorted(executors.keys())


def test_a_wrong_field_is_rejected(text):
    assert "componentRef:" in text
    with pytest.raises(json_format.ParseError, match="componentReff"):
        spec_of(text.replace("componentRef:", "componentReff:", 1))


def test_parameters_are_described_and_optional_but_data(graph):
    parameters = spec_of(graph[1]).root.input_definitions.parameters
    assert [name for name, parameter in parameters.items() if not parameter.description] == []
    assert [name for name, parameter in parameters.items() if not parameter.is_optional] == ["data"]
    for task, component in spec_of(graph[1]).components.items():  # of a step, without the parameters that KFP adds
        parameters = component.input_definitions.parameters if component.executor_label else {}
        assert [f"{task}.{name}" for name, p in parameters.items() if name != "final" and not p.description] == []


def tasks_of(spec: Any) -> dict[str, set[str]]:
    """Names of the tasks of each DAG, by component; the root is ''."""
    dags = {"": spec.root.dag} | {
        n: c.dag for n, c in spec.components.items() if c.WhichOneof("implementation") == "dag"
    }
    return {name: set(dag.tasks) for name, dag in dags.items()}


def test_tasks_of_finetune(text):
    spec = spec_of(text)
    tasks = tasks_of(spec)
    assert tasks[""] == {"exit-handler-1", "run-status"}
    steps = {"convert", "validate", "condition-branches-2"}
    ready = {"diagnose", "augment", "train", "export", "evaluate", "evaluate-2", "edgetpu", "report"}
    assert sorted(map(sorted, tasks.values())) == sorted(
        map(sorted, [tasks[""], steps, {"condition-3", "condition-4"}, ready, {"refusal"}])
    )
    assert spec.components["comp-validate"].output_definitions.parameters["ready"].parameter_type == (
        pipeline_spec_pb2.ParameterType.BOOLEAN
    )


def test_containers_run_the_installed_script(graph):
    _, text = graph
    executors = json_format.MessageToDict(spec_of(text).deployment_spec)["executors"]
    for executor in executors.values():
        container = executor["container"]
        assert container["command"][0] == "boxwright"
        assert container["image"].partition(":")[0] in ("boxwright/data", "boxwright/train", "boxwright/edge")
        assert container["args"][-2:] == ["--executor-input", "{{$}}"]


def tasks_by_name(spec: Any) -> dict[str, Any]:
    """PipelineTaskSpec of every task that runs a container."""
    dags = [spec.root.dag, *(c.dag for c in spec.components.values() if c.WhichOneof("implementation") == "dag")]
    tasks = {name: task for dag in dags for name, task in dag.tasks.items()}
    return {n: t for n, t in tasks.items() if spec.components[t.component_ref.name].executor_label}


def test_every_task_has_limits_and_two_retries(graph):
    spec, platform = spec_of(graph[1]), platform_of(graph[1])
    for name, task in tasks_by_name(spec).items():
        executor = f"exec-{name}"
        resources = spec.deployment_spec["executors"][executor]["container"]["resources"]
        assert platform[executor].active_deadline_seconds >= 3600
        assert {"resourceCpuLimit", "resourceMemoryLimit", "resourceCpuRequest", "resourceMemoryRequest"} <= set(
            resources.keys()
        )
        assert task.retry_policy.max_retry_count == 2 and task.retry_policy.backoff_duration.seconds == 30


def test_every_attempt_has_time_to_end(graph):
    """Argo measures `backoff.maxDuration` from the start of the first attempt, and stops a retried pod then."""
    spec, platform = spec_of(graph[1]), platform_of(graph[1])
    for name, task in tasks_by_name(spec).items():
        retries, timeout = task.retry_policy, platform[f"exec-{name}"].active_deadline_seconds
        waits = sum(30 * 2**attempt for attempt in range(retries.max_retry_count))
        assert retries.backoff_max_duration.seconds > (retries.max_retry_count + 1) * timeout + waits


def parameters_not_passed(spec: Any) -> dict[str, set[str]]:
    """By task: the parameters that its container's command, image, environment or resources name and the task does not pass.

    The drivers of KFP 2.17.0 and of its master in August 2026 fail for such a task, even if the component has a default.
    """
    executors = json_format.MessageToDict(spec.deployment_spec)["executors"]
    named = {
        name: set(re.findall(r"\$\.inputs\.parameters\[['\"]+([^'\"]+)", str(executors[f"exec-{name}"])))
        for name in tasks_by_name(spec)
    }
    return {n: missing for n, t in tasks_by_name(spec).items() if (missing := named[n] - set(t.inputs.parameters))}


def test_a_task_passes_every_parameter_of_its_command(graph):
    spec = spec_of(graph[1])
    assert parameters_not_passed(spec) == {}


def test_a_pipeline_of_ones_own_passes_every_parameter(tmp_path):
    """The example in pipelines/README.md, which leaves out nearly all parameters."""
    from kfp.compiler import Compiler

    example = readme_code.function("pipelines/README.md", "our_detector", tmp_path)
    Compiler().compile(example, str(tmp_path / "own.yaml"))
    spec = spec_of((tmp_path / "own.yaml").read_text())
    assert {"convert", "train", "refusal"} <= set(tasks_by_name(spec)) and parameters_not_passed(spec) == {}


@pytest.mark.parametrize(("name", "parameter"), [("convert", "shards"), ("diagnose", "stock"), ("evaluate-2", "split")])
def test_a_parameter_that_is_not_passed_is_found(text, name, parameter):
    spec = spec_of(text)
    del tasks_by_name(spec)[name].inputs.parameters[parameter]
    assert parameters_not_passed(spec) == {name: {parameter}}


def test_a_task_cannot_request_disk():
    """If this fails, KFP has got a field for ephemeral storage: let convert and training request it, and change the README."""
    resources = pipeline_spec_pb2.PipelineDeploymentConfig.PipelineContainerSpec.ResourceSpec.DESCRIPTOR.fields
    fields = {
        field.name for field in (*resources, *kubernetes_executor_config_pb2.KubernetesExecutorConfig.DESCRIPTOR.fields)
    }
    assert {name for name in fields if "storage" in name or "disk" in name} == set()
    assert "generic_ephemeral_volume" in fields, "a volume for each pod, which user 65532 could not write"


def test_only_run_status_is_never_cached(graph):
    cached = {name for name, task in tasks_by_name(spec_of(graph[1])).items() if task.caching_options.enable_cache}
    assert set(tasks_by_name(spec_of(graph[1]))) - cached == {"run-status"}


def test_run_status_gets_the_status_of_the_steps(graph):
    ending = spec_of(graph[1]).root.dag.tasks["run-status"]
    assert ending.inputs.parameters["final"].task_final_status.producer_task == "exit-handler-1"
    assert ending.trigger_policy.strategy == ending.trigger_policy.ALL_UPSTREAM_TASKS_COMPLETED


def test_buckets_have_an_optional_secret(graph):
    name, text = graph
    mounted = {executor: config.secret_as_volume[0] for executor, config in platform_of(text).items()
               if config.secret_as_volume}  # fmt: skip
    assert set(mounted) == {"exec-convert", "exec-validate", "exec-diagnose"} | (
        {"exec-train"} if name == "finetune" else set()
    )
    assert all(s.secret_name == "boxwright-bucket" and s.optional for s in mounted.values())


def test_training_has_gpus_and_shared_memory(text):
    training = platform_of(text)["exec-train"]
    assert training.empty_dir_mounts[0].mount_path == "/dev/shm" and training.empty_dir_mounts[0].medium == "Memory"
    assert training.tolerations[0].key == "nvidia.com/gpu"
    assert training.node_selector.HasField("node_selector_json")
    accelerator = spec_of(text).deployment_spec["executors"]["exec-train"]["container"]["resources"]["accelerator"]
    assert "gpu_type" in accelerator["resourceType"] and "gpu_count" in accelerator["resourceCount"]
    assert spec_of(text).root.input_definitions.parameters["gpu_count"].default_value.string_value == "0"


def test_parameters_of_an_accelerator_are_text(text):
    """KFP's driver reads an accelerator's type and count as text. It silently ignores a number, and the pod gets no GPU."""
    accelerator = spec_of(text).deployment_spec["executors"]["exec-train"]["container"]["resources"]["accelerator"]
    parameters = spec_of(text).root.input_definitions.parameters
    for place in ("resourceType", "resourceCount"):
        (name,) = re.findall(r"pipelinechannel--(\w+)", accelerator[place])
        assert parameters[name].parameter_type == pipeline_spec_pb2.ParameterType.STRING


def test_gpu_changes_only_the_image_of_training(tmp_path, text):
    spec = spec_of(compiling.compile_to(tmp_path, "finetune", gpu=True).read_text())
    executors = spec.deployment_spec["executors"]
    large = {name for name in executors if executors[name]["container"]["image"].endswith("-gpu")}
    assert large == {"exec-train"}
    assert spec.root.input_definitions.parameters["gpu_count"].default_value.string_value == "1"
    again = compiling.compile_to(tmp_path, "finetune").read_text()
    assert again == text and environments.image("train") in again


def test_parameters_reach_tasks_below_conditions(graph):
    """kfp 2.17 does not pass the accelerator's type into a condition, and compiles a graph that cannot run."""
    spec = spec_of(graph[1])
    for component in [spec.root, *spec.components.values()]:
        known = set(component.input_definitions.parameters)
        for task in component.dag.tasks.values():
            used = {value.component_input_parameter for value in task.inputs.parameters.values()} - {""}
            assert used <= known


def test_the_platform_document_names_parameters_of_the_dag(graph):
    """KFP's driver looks for them among the inputs of the DAG that the task is in."""
    spec, platform = spec_of(graph[1]), platform_of(graph[1])
    found = set()
    for component in [spec.root, *spec.components.values()]:
        for name in component.dag.tasks:
            config = str(platform.get(f"exec-{name}", ""))
            named = set(re.findall(r'component_input_parameter: "([^"]+)"', config))
            assert named <= set(component.input_definitions.parameters)
            found |= named
    assert found == ({"pipelinechannel--node_selector"} if graph[0] == "finetune" else set())


def test_convert_gets_fix_and_missing(text):
    inputs = tasks_by_name(spec_of(text))["convert"].inputs.parameters
    for name in ("fix", "missing"):
        assert inputs[name].component_input_parameter.endswith(name)


@pytest.mark.parametrize("name", graphs.NAMES)
def test_a_compiled_graph_can_be_loaded_again(tmp_path, name):
    """kfp confuses a pipeline with a component of the same name."""
    from kfp import components

    graph = components.load_component_from_text(compiling.compile_to(tmp_path, name).read_text())
    assert graph.required_inputs == ["data"]

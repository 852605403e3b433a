"""The compiled pipeline: strictly valid against KFP's own protobufs, described for the UI, and what the graph promises."""

import pytest
import yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from boxwright.pipelines import compile as compiling


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> str:
    out = tmp_path_factory.mktemp("build") / "deep" / "finetune.yaml"
    compiling.main(["--out", str(out)])
    return out.read_text()


def spec_of(text: str) -> pipeline_spec_pb2.PipelineSpec:
    """Raises json_format.ParseError on a field that KFP does not know."""
    documents = list(yaml.safe_load_all(text))
    assert len(documents) == 1
    return json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())


def test_valid_and_every_executor_is_there(text):
    spec = spec_of(text)
    executors = spec.deployment_spec["executors"]
    labels = [c.executor_label for c in spec.components.values() if c.executor_label]
    assert spec.pipeline_info.name == "finetune"
    assert sorted(labels) == sorted(executors.keys())


def test_a_wrong_field_is_rejected(text):
    assert "componentRef:" in text
    with pytest.raises(json_format.ParseError, match="componentReff"):
        spec_of(text.replace("componentRef:", "componentReff:", 1))


def test_every_parameter_is_described(text):
    parameters = spec_of(text).root.input_definitions.parameters
    assert set(parameters) >= {
        "data",
        "init",
        "model",
        "steps",
        "batch_size",
        "seed",
        "stock",
        "fix",
        "missing",
        "split_fractions",
    }
    assert [name for name, parameter in parameters.items() if not parameter.description] == []
    assert [name for name, parameter in parameters.items() if not parameter.is_optional] == ["data"]


def tasks_of(spec: pipeline_spec_pb2.PipelineSpec) -> dict[str, set[str]]:
    """Names of the tasks of each DAG by the DAG's component; the root is ''."""
    dags = {"": spec.root.dag} | {
        n: c.dag for n, c in spec.components.items() if c.WhichOneof("implementation") == "dag"
    }
    return {name: set(dag.tasks) for name, dag in dags.items()}


def test_the_graph(text):
    spec = spec_of(text)
    tasks = tasks_of(spec)
    assert tasks[""] == {"convert", "validate", "condition-branches-1"}
    ready = {"diagnose", "augment", "train", "export", "evaluate", "evaluate-2", "edgetpu", "report"}
    assert sorted(map(sorted, tasks.values())) == sorted(
        map(sorted, [tasks[""], {"condition-2", "condition-3"}, ready, {"refusal"}])
    )
    assert spec.components["comp-validate"].output_definitions.parameters["ready"].parameter_type == (
        pipeline_spec_pb2.ParameterType.BOOLEAN
    )


def test_containers_run_the_installed_script(text):
    executors = json_format.MessageToDict(spec_of(text).deployment_spec)["executors"]
    for executor in executors.values():
        container = executor["container"]
        assert container["command"][0] == "boxwright"
        assert container["image"].partition(":")[0] in ("boxwright/data", "boxwright/train", "boxwright/edge")
        assert container["args"][-2:] == ["--executor-input", "{{$}}"]


def test_convert_is_told_what_to_do_with_missing_images(text):
    inputs = spec_of(text).root.dag.tasks["convert"].inputs.parameters
    assert {inputs[name].component_input_parameter for name in ("fix", "missing")} == {"fix", "missing"}

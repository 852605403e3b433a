# environment: authoring
"""Values that choose training's nodes, typed into KFP's own UI, are checked by the first step and not by train's driver."""

import json
import subprocess
import sys
from typing import Any

import pytest

from boxwright import kfp
from boxwright.convert.config import Config as Convert
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import check_others

GOOD = [
    {},
    {"gpu_count": "16", "gpu_type": "amd.com/gpu", "node_selector": {}, "data": "gs://a/b"},
    {
        "gpu_type": "nvidia.com/mig-1g.5gb",
        "node_selector": {"cloud.google.com/gke-accelerator": "nvidia-l4", "pool": ""},
    },
]
WRONG = [
    ({"gpu_count": "two"}, "gpu_count=two: expected one of 0, 1, 2"),
    ({"gpu_count": "17"}, "gpu_count=17"),
    ({"gpu_count": "-1"}, "gpu_count=-1"),
    ({"gpu_count": ""}, "gpu_count="),
    ({"gpu_count": "1.0"}, "gpu_count=1.0"),
    ({"gpu_type": "NVIDIA L4"}, "gpu_type=NVIDIA L4: expected the name of a resource, such as nvidia.com/gpu"),
    ({"gpu_type": "gpu"}, "gpu_type=gpu"),
    ({"gpu_type": ""}, "gpu_type="),
    ({"node_selector": {"a": 1}}, 'node_selector: the values of labels must be text, as in {"disk": "1"}'),
    ({"node_selector": {"a": None}}, "the values of labels must be text"),
    ({"node_selector": {"a": {"b": "c"}}}, "the values of labels must be text"),
    ({"node_selector": {"a b": "c"}}, "'a b': 'c' is no label of Kubernetes"),
    ({"node_selector": {"a": "b c"}}, "'a': 'b c' is no label"),
    ({"node_selector": {"": "c"}}, "'': 'c' is no label"),
    ({"node_selector": {"x/y/z": "c"}}, "'x/y/z': 'c' is no label"),
    ({"node_selector": {"a": 64 * "b"}}, "is no label"),
    ({"node_selector": "disk=ssd"}, "node_selector: expected labels"),
]


@pytest.mark.parametrize("given", GOOD)
def test_values_that_a_cluster_can_have(given):
    check_others(Convert, given)


@pytest.mark.parametrize(("given", "message"), WRONG)
def test_values_that_no_cluster_has(given, message):
    with pytest.raises(UserError) as error:
        check_others(Convert, given)
    assert message in str(error.value) and str(error.value).startswith("the parameter ")


def test_the_component_has_them_and_its_command_does_not():
    spec: Any = kfp.convert.component_spec
    assert {"gpu_count", "gpu_type", "node_selector"} <= set(spec.inputs)
    assert not [argument for argument in spec.implementation.container.args if "gpu" in str(argument)]


def test_convert_ends_before_it_reads_data(tmp_path):
    """As on a cluster: the values are in the executor input only."""
    artifact = {"artifacts": [{"name": "records", "uri": str(tmp_path / "records"), "metadata": {}}]}
    outputs = {"artifacts": {"records": artifact}, "outputFile": str(tmp_path / "executor_output.json")}
    given = {"inputs": {"parameterValues": {"gpu_count": "two", "data": "gs://none/here"}}, "outputs": outputs}
    command = [sys.executable, "-P", "-c", "from boxwright.cli import main; main()", "convert"]
    flags = ["--data", "gs://none/here", "--executor-input", json.dumps(given)]
    ended = subprocess.run([*command, *flags], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "boxwright convert: the parameter gpu_count=two: expected one of 0, 1," in ended.stderr

# environment: authoring
"""A volume with data is mounted into the steps that read what the user names."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf import json_format
from kfp import dsl, kubernetes
from kfp.kubernetes import kubernetes_executor_config_pb2 as _platform

from boxwright.cluster import compile as compiling
from boxwright.cluster import data_volume
from boxwright.cluster.data_volume import DataVolume
from boxwright.core.runtime.errors import UserError

kubernetes_executor_config_pb2: Any = _platform  # protobuf makes this module's members when it is imported
READING = {"exec-convert", "exec-validate", "exec-diagnose"}


def platform(folder: Path, name: str, *flags: str) -> dict[str, Any]:
    """KubernetesExecutorConfig by executor. Raises json_format.ParseError for a field that KFP does not know."""
    compiling.main(["--out", str(folder), "--graph", name, *flags])
    _, document = yaml.load_all((folder / f"{name}.yaml").read_text(), Loader=yaml.CSafeLoader)
    executors = document["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    config = kubernetes_executor_config_pb2.KubernetesExecutorConfig
    return {name: json_format.ParseDict(values, config()) for name, values in executors.items()}


@dsl.container_component
def step():
    return dsl.ContainerSpec(image="image", command=["true"])


def volume_from_kfp(claim: str, path: str) -> Any:
    @dsl.pipeline(name="one")
    def one():
        kubernetes.mount_pvc(step(), claim, path)

    graph: Any = one
    made = json_format.MessageToDict(graph.platform_spec)["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    config = kubernetes_executor_config_pb2.KubernetesExecutorConfig
    return json_format.ParseDict(made["exec-step"], config()).pvc_mount[0]


@pytest.mark.parametrize(("name", "also"), [("finetune", {"exec-train"}), ("diagnose", set())])
def test_the_steps_that_read_data_mount_it(tmp_path, name, also):
    configs = platform(tmp_path, name, "--data-volume", "photos-2:/mnt/photos")
    mounts = {executor: list(config.pvc_mount) for executor, config in configs.items() if config.pvc_mount}
    assert set(mounts) == READING | also
    assert all(mount == [volume_from_kfp("photos-2", "/mnt/photos")] for mount in mounts.values())
    without = platform(tmp_path, name)
    for config in configs.values():
        config.ClearField("pvc_mount")
    assert configs == without


def test_it_goes_with_a_workspace_and_gpus(tmp_path):
    flags = ("--data-volume", "photos:/photos", "--workspace", "--gpu")
    train = platform(tmp_path, "finetune", *flags)["exec-train"]
    assert (train.pvc_mount[0].mount_path, train.empty_dir_mounts[0].mount_path) == ("/photos", "/dev/shm")
    text = (tmp_path / "finetune.yaml").read_text()
    assert "{{$.workspace_path}}" in text and "-gpu" in text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("photos", "'' is not an absolute path"),
        (":/photos", "'' is not such a name"),
        ("photos:", "'' is not an absolute path"),
        ("photos:data", "'data' is not an absolute path"),
        ("photos:/", "'/' is not an absolute path"),
        ("photos://data", "is not an absolute path"),
        ("photos:/a/../b", "is not an absolute path"),
        ("photos:/a/", "is not an absolute path"),
        ("photos:/a:ro", "is not an absolute path"),
        ("photos:/a,b", "is not an absolute path"),
        ("photos:/tmp/data", "use /tmp themselves"),
        ("photos:/gcs", "use /gcs themselves"),
        ("Photos:/data", "'Photos' is not such a name"),
        ("-photos:/data", "'-photos' is not such a name"),
        ("shm:/data", "the pods have another volume of the name shm"),
        ("boxwright-bucket:/data", "the pods have another volume"),
        ("gcs-scratch:/data", "the pods have another volume"),
        ("photos.two:/data", "is not such a name"),
        ("{{$}}:/data", "is not such a name"),
        ("photos:/{{$}}", "is not an absolute path"),
        (f"{64 * 'a'}:/data", "is not such a name"),
    ],
)
def test_a_volume_that_cannot_be_mounted_is_refused(text, reason):
    with pytest.raises(UserError, match=r"expected NAME:PATH, such as images:/images") as error:
        data_volume.parse(text)
    assert reason in str(error.value)


@pytest.mark.parametrize(
    "data", ["/images", "/images/a", "/images/a,gs://bucket/b", "gs://bucket/b", "/images/a,/images/b"]
)
def test_data_on_the_volume_or_in_a_bucket(data):
    data_volume.require_below(data, DataVolume("a", "/images"))
    data_volume.require_below("/elsewhere", None)


@pytest.mark.parametrize("data", ["/pictures", "/images2/a", "/images/a,/pictures", "/"])
def test_data_beside_the_volume_are_refused(data):
    with pytest.raises(UserError, match="is mounted at /images; give a path below that folder"):
        data_volume.require_below(data, DataVolume("a", "/images"))


def test_no_volume_and_a_deep_folder():
    assert data_volume.parse("") is None
    assert data_volume.parse("a-1-b:/data/set_1") == DataVolume("a-1-b", "/data/set_1")

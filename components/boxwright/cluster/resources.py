"""The cluster resources that the tasks of a graph request. They have no effect under `boxwright run`."""

from dataclasses import dataclass
from typing import Any

from kfp import dsl

try:
    from kfp import kubernetes
except ImportError as error:
    raise ImportError(
        'Boxwright\'s graphs need kfp-kubernetes; install it with: pip install "kfp[kubernetes]"'
    ) from error

# Optional secret for buckets that the pods' own account cannot read: `credentials.json`, the key of a service account of Google,
# or keys named like the variables of AWS (core/storage/README.md).
SECRET, SECRET_FOLDER = "boxwright-bucket", "/secrets/boxwright"

HOUR = 3600
# KFP cannot limit retries to certain exit codes or reasons (requested in kubeflow/pipelines issue 13386).
RETRIES = 2


@dataclass(frozen=True)
class Needs:
    """cpu: cores, request and limit; memory: GiB, request and limit; hours: time limit of a task."""

    cpu: tuple[str, str]
    memory: tuple[str, str]
    hours: int


_DATA = Needs(cpu=("1", "4"), memory=("4Gi", "16Gi"), hours=12)
_LIGHT = Needs(cpu=("500m", "2"), memory=("2Gi", "8Gi"), hours=1)
_MODEL = Needs(cpu=("1", "4"), memory=("4Gi", "16Gi"), hours=4)
_TRAINING = Needs(cpu=("2", "8"), memory=("8Gi", "32Gi"), hours=72)

# By component. All others are light.
NEEDS = {
    "convert": _DATA,
    "validate": _DATA,
    "train": _TRAINING,
    "export": _MODEL,
    "evaluate": _MODEL,
}
READ_BUCKETS = ("convert", "validate", "diagnose", "train")


def ask(task: dsl.PipelineTask) -> dsl.PipelineTask:
    """Sets cores, memory, a time limit, and two retries for lost pods. Steps that read buckets get the secret.

    task: of one of our steps. With kfp 2.15 and 2.16, no retry starts later than an hour after the first try: they cap it.
    """
    component = task.component_spec.name
    needs = NEEDS.get(component, _LIGHT)
    task.set_cpu_request(needs.cpu[0]).set_cpu_limit(needs.cpu[1])
    task.set_memory_request(needs.memory[0]).set_memory_limit(needs.memory[1])
    task.set_retry(RETRIES, backoff_duration="30s", backoff_factor=2.0, backoff_max_duration=f"{_all_attempts(needs)}s")
    if component in READ_BUCKETS:
        kubernetes.use_secret_as_volume(task, SECRET, SECRET_FOLDER, optional=True)
    return kubernetes.set_timeout(task, needs.hours * HOUR)


def _all_attempts(needs: Needs) -> int:
    """Seconds that the first attempt and all retries may take together, with an hour for waits and for pods that cannot start.

    Argo counts `backoff.maxDuration` from the start of the first attempt. The last retried pod must end by then.
    """
    return (RETRIES + 1) * needs.hours * HOUR + HOUR


def on_gpu(task: dsl.PipelineTask, gpu_type: Any, gpu_count: Any, node_selector: Any) -> dsl.PipelineTask:
    """Requests GPUs for a task. The arguments are pipeline parameters. With 0 GPUs, any node that the selector allows is used.

    gpu_count is text, because KFP's driver ignores a number here, and the pod would get no GPU.
    """
    task.set_accelerator_type(gpu_type).set_accelerator_limit(gpu_count)
    kubernetes.add_node_selector_json(task, node_selector)
    _make_known(task, gpu_type, gpu_count, node_selector)
    kubernetes.add_toleration(task, key="nvidia.com/gpu", operator="Exists", effect="NoSchedule")
    # The default of 64 MB is too small for the memory that TensorFlow's and NCCL's processes share.
    return kubernetes.empty_dir_mount(task, "shm", "/dev/shm", medium="Memory", size_limit="2Gi")


def _make_known(task: dsl.PipelineTask, gpu_type: Any, gpu_count: Any, node_selector: Any) -> None:
    """Registers the parameters with a task below a condition, which else could not use them. kfp 2.17 only does the last one.

    kfp 2.15 has no function for it, and names the node selector as the graph does, not as the condition hands it down.
    """
    known = {channel.pattern for channel in task.channel_inputs}
    task.channel_inputs.extend(one for one in (gpu_type, gpu_count, node_selector) if one.pattern not in known)
    if not hasattr(task, "register_pipeline_channels"):
        chosen = task.platform_config["kubernetes"]["nodeSelector"]["nodeSelectorJson"]
        chosen["componentInputParameter"] = f"pipelinechannel--{node_selector.full_name}"


def workspace(storage_class: str = "", size: str = "20Gi") -> dsl.WorkspaceConfig:
    """A volume for the lifetime of a run. A training that lost its pod resumes from it. One pod at a time mounts it.

    The access mode is needed: a server without a configured mode for workspaces would refuse to create the run.
    storage_class: empty for the default of the server or the cluster. An empty one in the YAML would be refused.
    """
    named = {"storageClassName": storage_class} if storage_class else {}
    volume = dsl.KubernetesWorkspaceConfig(pvcSpecPatch={"accessModes": ["ReadWriteOnce"], **named})
    return dsl.WorkspaceConfig(size=size, kubernetes=volume)

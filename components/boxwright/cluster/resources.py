"""What the tasks of a graph ask a cluster for. None of it has an effect under `boxwright run`."""

from dataclasses import dataclass

from kfp import dsl, kubernetes

# Optional: the key file of a service account, as `credentials.json`, for buckets that the pods' own account cannot read.
SECRET, SECRET_FOLDER = "boxwright-bucket", "/secrets/boxwright"

HOUR = 3600
# No exit code or reason can be named (kubeflow/pipelines 13386 asks for it): Argo tries again whatever container failed.
RETRIES = {"num_retries": 2, "backoff_duration": "30s", "backoff_factor": 2.0, "backoff_max_duration": "5m"}


@dataclass(frozen=True)
class Needs:
    """cpu: cores, asked for and at most; memory: GiB, asked for and at most; hours: after which a task is ended."""

    cpu: tuple[str, str]
    memory: tuple[str, str]
    hours: int


DATA = Needs(cpu=("1", "4"), memory=("4Gi", "16Gi"), hours=12)
LIGHT = Needs(cpu=("500m", "2"), memory=("2Gi", "8Gi"), hours=1)
MODEL = Needs(cpu=("1", "4"), memory=("4Gi", "16Gi"), hours=4)
TRAINING = Needs(cpu=("2", "8"), memory=("8Gi", "32Gi"), hours=72)


def ask(task: dsl.PipelineTask, needs: Needs) -> dsl.PipelineTask:
    """Cores, memory, an end, and two more tries: pods get lost."""
    task.set_cpu_request(needs.cpu[0]).set_cpu_limit(needs.cpu[1])
    task.set_memory_request(needs.memory[0]).set_memory_limit(needs.memory[1])
    task.set_retry(**RETRIES)
    return kubernetes.set_timeout(task, needs.hours * HOUR)


def last(task: dsl.PipelineTask) -> dsl.PipelineTask:
    """The task that says how a run ended: small, and never that of another run."""
    return ask(task, LIGHT).set_caching_options(False)


def reads_buckets(task: dsl.PipelineTask) -> dsl.PipelineTask:
    return kubernetes.use_secret_as_volume(task, SECRET, SECRET_FOLDER, optional=True)


def on_gpu(task: dsl.PipelineTask, kind, count, node_selector) -> dsl.PipelineTask:
    """kind, count, node_selector: the pipeline's parameters. With 0 GPUs the task runs on any node that the selector allows.

    count is text: KFP's driver takes a number in this place for nothing, and the pod would get no GPU.
    """
    task.set_accelerator_type(kind).set_accelerator_limit(count)
    task.register_pipeline_channels(
        [kind, count]
    )  # kfp 2.17 does not: below a condition they would be unknown to the task
    kubernetes.add_node_selector_json(task, node_selector)
    kubernetes.add_toleration(task, key="nvidia.com/gpu", operator="Exists", effect="NoSchedule")
    # The 64 MB that a container has otherwise are too few for what TensorFlow's and NCCL's processes share.
    return kubernetes.empty_dir_mount(task, "shm", "/dev/shm", medium="Memory", size_limit="2Gi")


def workspace(size: str = "20Gi") -> dsl.PipelineConfig:
    """A volume for as long as a run lives: a training that lost its pod goes on from it. One pod at a time mounts it.

    Without the access mode a server that has none configured for workspaces refuses to create the run.
    """
    once = dsl.KubernetesWorkspaceConfig(pvcSpecPatch={"accessModes": ["ReadWriteOnce"]})
    return dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size=size, kubernetes=once))

"""A volume with data, `--data-volume NAME:PATH`: it is mounted into the steps that read what the user names."""

import posixpath
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from google.protobuf import json_format
from kfp.kubernetes import kubernetes_executor_config_pb2

from boxwright.cluster import resources
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import uri

# KFP gives the claim's name to the pod's volume, too, which may have no dots and no name of another volume of that pod.
_CLAIM = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_OTHER_VOLUMES = re.compile(rf"shm|{resources.SECRET}|kfp-.*|.*-scratch|.*argo.*|ca-.*|input-artifacts")
# Folders of the images, of KFP's launcher and of Argo's executor.
_TAKEN = re.compile(
    r"/(argo|bin|boot|dev|etc|gcs|home|kfp-\w+|lib|lib64|minio|oci|opt|proc|root|run|s3|sbin|secrets|sys|tmp|usr|var|\.\w+)(/|$)"
)


@dataclass(frozen=True, kw_only=True)
class Mounted:
    """Base of the commands that compile a graph."""

    data_volume: str = ""
    """NAME:PATH, a persistent volume claim in the namespace of the runs, and the folder at which the steps see it that read
    --data, label maps, weights and checkpoints: with images:/images, give --data /images/FOLDER."""


@dataclass(frozen=True)
class DataVolume:
    """claim: name of the PersistentVolumeClaim; path: where it is mounted."""

    claim: str
    path: str


def parse(text: str) -> DataVolume | None:
    """The value of --data-volume; None for an empty one. Raises UserError unless it is NAME:PATH and can be mounted there."""
    if not text:
        return None
    claim, _, path = text.partition(":")
    wrong = ""
    if not _CLAIM.fullmatch(claim):
        wrong = (
            f"KFP can mount a claim with up to 63 lower case letters, digits and -, and {claim!r} is not such a name"
        )
    elif _OTHER_VOLUMES.fullmatch(claim):
        wrong = f"the pods have another volume of the name {claim}"
    elif not re.fullmatch(r"/[^:,{}\s\0]+", path) or posixpath.normpath(path) != path or path.startswith("//"):
        wrong = f"{path!r} is not an absolute path without `..`, `:`, commas, braces and spaces"
    elif taken := _TAKEN.match(path):
        wrong = f"the images or Kubeflow use /{taken[1]} themselves"
    if wrong:
        raise UserError(f"--data-volume {text}: {wrong}; expected NAME:PATH, such as images:/images")
    return DataVolume(claim, path)


def require_below(data: str, volume: DataVolume | None) -> None:
    """Raises UserError for a path of --data that is not on the volume."""
    for place in uri.data_sets(data) if volume else ():
        if volume and place.startswith("/") and not PurePosixPath(place).is_relative_to(volume.path):
            raise UserError(
                f"--data {place}: the volume of --data-volume is mounted at {volume.path}; give a path below that folder"
            )


def mount(graph: Any, volume: DataVolume) -> Any:
    """The graph (kfp's GraphComponent), changed: its steps that read data mount the volume, as `kubernetes.mount_pvc` does it."""
    pb: Any = kubernetes_executor_config_pb2
    executors = graph.platform_spec.platforms["kubernetes"].deployment_spec.executors
    for name in {f"exec-{step}" for step in resources.READ_BUCKETS} & set(executors):
        config = json_format.ParseDict(json_format.MessageToDict(executors[name]), pb.KubernetesExecutorConfig())
        mounted = config.pvc_mount.add(constant=volume.claim, mount_path=volume.path)
        mounted.pvc_name_parameter.runtime_value.constant.string_value = volume.claim
        executors[name].update(json_format.MessageToDict(config))
    return graph

"""The weights that a config starts from, and what it keeps of them.

Sources: object_detection.model_lib_v2.load_fine_tune_checkpoint, meta_architectures.ssd_meta_arch.restore_from_objects,
utils.config_util.update_fine_tune_checkpoint_type.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

# How the public checkpoints are called: ImageNet classifiers, and detectors of the two model zoos.
_CLASSIFIER = re.compile(
    r"mobilenet_v\d\w*\.ckpt|mobilenet_v\d_\d\.\d+_\d{3}|mobilenet_v\d(?!\w*(coco|fpn|ppn))[\w.]*-1$|imagenet", re.I
)
_DETECTOR = re.compile(r"ssd|coco|faster|rcnn|centernet|efficientdet|(^|/)ckpt-\d+$", re.I)
_V1_FILE = re.compile(r"\.ckpt($|-\d{3,}$)")
_V2_FILE = re.compile(r"(^|/)ckpt-\d+$")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """path: empty: training starts from scratch. type: classification, detection, full or fine_tune. named: whether the config
    says the type itself. version: 1 for TF 1, 2 for TF 2. whole: load_all_detection_checkpoint_vars."""

    path: str
    type: str
    named: bool
    version: Literal[1, 2]
    whole: bool

    @property
    def file(self) -> str:
        """The end of the path, for a sentence."""
        return self.path.rstrip("/").rpartition("/")[2][-80:]

    @property
    def content(self) -> Literal["classifier", "detector", ""]:
        """What the file holds, by its name; empty if the name does not tell."""
        if _CLASSIFIER.search(self.path.rpartition("/")[2]) and not re.search(r"ssd|coco", self.path, re.I):
            return "classifier"
        return "detector" if _DETECTOR.search(self.path) else ""

    @property
    def format(self) -> Literal[0, 1, 2]:
        """1: written by TF 1. 2: by TF 2. 0: the name does not tell."""
        if _V2_FILE.search(self.path):
            return 2
        return 1 if _V1_FILE.search(self.path) else 0


def read(train: Any) -> Checkpoint:
    """train: a TrainConfig message. Without a type, from_detection_checkpoint decides, as in the OD API."""
    named = bool(train.fine_tune_checkpoint_type)
    old = "detection" if train.from_detection_checkpoint else "classification"
    return Checkpoint(
        path=train.fine_tune_checkpoint,
        type=train.fine_tune_checkpoint_type or old,
        named=named,
        version=2 if train.fine_tune_checkpoint_version == 2 else 1,
        whole=train.load_all_detection_checkpoint_vars,
    )

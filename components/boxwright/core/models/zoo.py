"""Where the model zoo's checkpoints are: what `--init auto` stands for."""

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import cache

BASE = "https://download.tensorflow.org/models/object_detection/"
FILES = {
    "ssd_mobilenet_v1_ppn": "ssd_mobilenet_v1_ppn_shared_box_predictor_300x300_coco14_sync_2018_07_03.tar.gz",
    "ssd_mobilenet_v1": "ssd_mobilenet_v1_coco_2018_01_28.tar.gz",
    "ssd_mobilenet_v2": "ssd_mobilenet_v2_coco_2018_03_29.tar.gz",
}


def uri(model: str) -> str:
    return BASE + FILES[model]


def version(model: str) -> str:
    """Changes when what training would start from does; `unreachable` where that is from scratch."""
    try:
        return cache.version(uri(model))
    except UserError:
        return "unreachable"

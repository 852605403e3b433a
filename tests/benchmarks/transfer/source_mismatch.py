# environment: .envs/data
"""How far the pictures of a data set are from what initial weights were trained on, and whether that tells what helps.

A batch norm keeps the mean and the variance of its input over the training. Pictures of the same kind have the same moments.

`source_mismatch.py WEIGHTS RUN_FOLDER...` prints a JSON line for each folder that holds `records` and `tables`: the divergence of
each block of the backbone, in nats. `source_mismatch.py relate` relates the stored lines to those of fine_tuning.py.
"""

import json
import math
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL.Image import Resampling
from scipy import stats

from boxwright.core.pretrained import slim_arrays
from boxwright.core.pretrained.slim_arrays import EPSILON
from boxwright.core.records import tfrecords
from boxwright.diagnose import data as tables
from boxwright.diagnose.embedding import backbone
from boxwright.diagnose.embedding.backbone import Layer

SIDE, MOST = 300, 64
MOST_RATIO = 100.0  # of variances; channels that are dead in the source would decide the mean
STORED = Path(__file__).with_suffix(".jsonl")
OUTCOMES = Path(__file__).with_name("fine_tuning.jsonl")
_PARTS = (("full", "frozen"), ("full", "partial"), ("moments", "frozen"))


def pictures(folder: Path) -> np.ndarray:
    """(n, SIDE, SIDE, 3) uint8: the first MOST training pictures without copies."""
    names = set(tables.read(folder / "records", folder / "tables").distinct.images_in("train").filename)
    chosen = (record for record in tfrecords.read(folder / "records", "train") if record.filename in names)
    first = [record.picture("RGB").resize((SIDE, SIDE), Resampling.BILINEAR) for record in islice(chosen, MOST)]
    return np.array([np.asarray(picture) for picture in first])


def divergences(images: np.ndarray, network: tuple[Layer, ...]) -> list[float]:
    """By block: the median over its channels of the mean of both Kullback-Leibler divergences between the normal distributions of
    the stored and of the measured moments."""
    x = tf.constant(images, tf.float32) * (2 / 255) - 1
    by_block: dict[int, list[np.ndarray]] = {}
    for layer in network:
        strides = [1, layer.stride, layer.stride, 1]
        convolved = tf.nn.depthwise_conv2d if layer.depthwise else tf.nn.conv2d
        x = convolved(x, layer.kernel, strides, "SAME")
        mean, variance = (moment.numpy() for moment in tf.nn.moments(x, (0, 1, 2)))
        stored = layer.variance + EPSILON
        factor = np.clip((variance + EPSILON) / stored, 1 / MOST_RATIO, MOST_RATIO)
        shift = (mean - layer.mean) ** 2 / stored
        found = (factor + 1 / factor - 2 + shift * (1 + 1 / factor)) / 4
        by_block.setdefault(int(layer.name.split("_")[1]), []).append(found)
        scale = layer.gamma / np.sqrt(stored)
        x = tf.nn.relu6(x * scale + (layer.beta - layer.mean * scale))
    return [float(np.median(np.concatenate(found))) for found in by_block.values()]


def relate() -> None:
    """Prints, for each pair of ways to fine-tune, how the log ratio of their AP50 follows the divergence (Spearman)."""
    measured = {line["set"]: line["divergence"] for line in map(json.loads, STORED.read_text().splitlines())}
    ap50: dict[str, dict[str, float]] = {}
    for line in map(json.loads, OUTCOMES.read_text().splitlines()):
        ap50.setdefault(line["set"], {})[line["arm"]] = line["AP50"]
    sets = sorted(name for name, found in ap50.items() if len(found) == 4 and name in measured)
    mean = [float(np.mean(measured[name])) for name in sets]
    for better, than in _PARTS:
        gain = [math.log(ap50[name][better] / ap50[name][than]) for name in sets]
        rho, p = stats.spearmanr(mean, gain)
        wins = sum(value > 0 for value in gain)
        print(f"{better} against {than}: better on {wins} of {len(sets)} sets; rho {rho:+.2f}, p {p:.2f}")


def main(weights: str, *folders: str) -> None:
    network = backbone.layers(slim_arrays.read(Path(weights)))
    for folder in map(Path, folders):
        images = pictures(folder)
        rounded = [round(value, 3) for value in divergences(images, network)]
        print(json.dumps({"set": folder.name, "n": len(images), "divergence": rounded}), flush=True)


if __name__ == "__main__":
    relate() if sys.argv[1:] == ["relate"] else main(*sys.argv[1:])

# environment: .envs/train
"""Images/s of our complete training input against the OD API's `inputs.train_input`: same options, same records, same run.

The records are BCCD's (640 x 480) if the shared data are available, else generated. Runs alternate, and the fastest of each
counts. Neither input uses op determinism, which would cost the OD API's a thread. The CPU milliseconds per image are
printed, too; other work on the machine affects them less.
"""

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001  (first: the OD API does not import without it)

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import tensorflow as tf
from object_detection import inputs

from boxwright.augment import measure, policy
from boxwright.core import recipe as recipes
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api.pipeline_config import pipeline_config
from boxwright.train.loop import input_pipeline as ours

BATCHES, WARM, TURNS = 20, 4, 3


def make_records(folder: Path) -> Path:
    shared = Path(os.environ.get("BOXWRIGHT_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    data, records = shared / "data" / "bccd_voc", folder / "records"
    if not data.is_dir():
        data = folder / "data"
        subprocess.run(
            [sys.executable, "-P", "-m", "boxwright.demo.generator", "--out", data, "--images", "96"], check=True
        )
    command = [Path(sys.executable).with_name("boxwright"), "convert", "--data", data]
    command += ["--records", records, "--tables", folder / "tables"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return records


def chosen(records: Path) -> dict[str, recipes.Recipe]:
    """The zoo's options, and the options that the policy chooses for these records."""
    stock = recipes.stock("ssd_mobilenet_v1_ppn", recordfiles.classes(records), steps=100)
    nothing = Diagnosis(findings=(), unreachable={})
    return {"stock": stock, "policy": policy.apply(stock, measure.facts(records, stock.input_size), nothing)}


def theirs(recipe: recipes.Recipe, records: Path, model) -> tf.data.Dataset:
    config = pipeline_config(recipe)
    reader = config.train_input_reader
    shards = recordfiles.shards(records, "train")
    reader.tf_record_input_reader.input_path[:] = [str(shard) for shard in shards]
    reader.label_map_path = str(records / recordfiles.LABEL_MAP)
    reader.num_readers = len(shards)
    return inputs.train_input(config.train_config, reader, config.model, model=model)


def speed(data, batch: int) -> tuple[float, float]:
    """Images/s, and CPU milliseconds per image."""
    started, used = time.monotonic(), time.process_time()
    for _ in range(BATCHES):
        next(data)
    images = BATCHES * batch
    return images / (time.monotonic() - started), 1000 * (time.process_time() - used) / images


def compare(name: str, recipe: recipes.Recipe, records: Path, model) -> None:
    found: dict[str, list] = {"ours": [], "theirs": []}
    for _ in range(TURNS):
        for who, made in (("ours", ours.batches), ("theirs", theirs)):
            data = iter(made(recipe, records, model))
            for _ in range(WARM):
                next(data)
            found[who].append(speed(data, recipe.batch_size))
            del data
    best = {who: [max(s for s, _ in turns), min(p for _, p in turns)] for who, turns in found.items()}
    line = {"name": f"input {name}", "ours": round(best["ours"][0], 1), "theirs": round(best["theirs"][0], 1)}
    line |= {"unit": "images/s", "ratio": round(best["ours"][0] / best["theirs"][0], 3)}
    line |= {f"{who}_cpu_ms": round(values[1], 2) for who, values in best.items()}
    print(json.dumps(line | {"n": BATCHES * recipe.batch_size, "load": round(os.getloadavg()[0], 2)}), flush=True)


def main(records: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(records) if records else make_records(Path(folder))
        options = chosen(made)
        model = models.build(options["stock"], training=True)
        for name, recipe in options.items():
            compare(name, recipe, made, model)


if __name__ == "__main__":
    main(*sys.argv[1:])

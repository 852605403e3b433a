# environment: .envs/train
"""Seconds per training step of ours against the OD API's `train_loop`, with the same pipeline.config, records and batch.

Both run for few and for many steps. The difference excludes building and tracing. Ours also reads the losses at every step,
which train_loop does not.
"""

from boxwright.core.od_api import tensorflow_compat  # noqa: F401, I001  (first: the OD API does not import without it)

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from google.protobuf import text_format
from object_detection import model_lib_v2

from boxwright.core import recipe as recipes
from boxwright.core.records import tfrecords as recordfiles
from boxwright.core.od_api.pipeline_config import pipeline_config
from boxwright.train.loop import training_loop
from boxwright.train.weights import initial_weights
from boxwright.train.loop.train_step import stage_variables, train_step
from boxwright.train.loop import input_pipeline

FEW, MANY, SEED = 5, 105, 0


def make_records(folder: Path) -> Path:
    """96 generated images as records."""
    data, records = folder / "data", folder / "records"
    subprocess.run(
        [sys.executable, "-P", "-m", "boxwright.demo.generator", "--out", data, "--images", "96"], check=True
    )
    boxwright = Path(sys.executable).with_name("boxwright")
    tables = folder / "tables"
    command = [boxwright, "convert", "--data", data, "--records", records, "--tables", tables]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return records


def recipe(records: Path, steps: int) -> recipes.Recipe:
    stock = recipes.stock("ssd_mobilenet_v1_ppn", recordfiles.classes(records), steps=steps, seed=SEED)
    return stock.model_copy(update={"evaluate_every": 10**6})


def ours(records: Path, steps: int, folder: Path) -> float:
    training = training_loop.Training(recipe(records, steps), records, initial_weights.Source("none"), folder)
    step = train_step(training.model, training.optimizer, stage_variables(training.model, "all"))
    data = iter(input_pipeline.batches(training.recipe, records, training.model))
    started = time.monotonic()
    for _ in range(steps):
        [float(loss) for loss in step(*next(data))]
    return time.monotonic() - started


def theirs(records: Path, steps: int, folder: Path) -> float:
    config = pipeline_config(recipe(records, steps))
    reader = config.train_input_reader
    reader.tf_record_input_reader.input_path[:] = [str(shard) for shard in recordfiles.shards(records, "train")]
    reader.label_map_path = str(records / recordfiles.LABEL_MAP)
    config.train_config.fine_tune_checkpoint_type = ""
    path = folder / "pipeline.config"
    path.write_text(text_format.MessageToString(config))
    started = time.monotonic()
    model_lib_v2.train_loop(
        str(path),
        str(folder),
        train_steps=steps,
        num_steps_per_iteration=5,
        checkpoint_every_n=10**6,
        record_summaries=False,
    )
    return time.monotonic() - started


def seconds_a_step(run, records: Path, folder: Path) -> float:
    """The first of three runs includes one-time work of the process and does not count."""
    seconds = []
    for name, steps in (("warm", FEW), ("few", FEW), ("many", MANY)):
        made = folder / f"{run.__name__}-{name}"
        made.mkdir()
        seconds.append(run(records, steps, made))
    return (seconds[2] - seconds[1]) / (MANY - FEW)


def in_a_process_of_its_own(who: str, records: Path) -> float:
    """Ours makes TensorFlow deterministic for the whole process. The OD API's loop sets no seed, which TensorFlow then
    rejects."""
    command = [sys.executable, "-P", __file__, who, str(records)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1])


def main(who: str = "", records: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        if who:
            print(seconds_a_step({"ours": ours, "theirs": theirs}[who], Path(records), Path(folder)))
            return
        made = make_records(Path(folder))
        our, their = (in_a_process_of_its_own(who, made) for who in ("ours", "theirs"))
    line = {
        "name": "step",
        "ours": round(our, 4),
        "theirs": round(their, 4),
        "unit": "s/step",
        "ratio": round(their / our, 3),
    }
    print(json.dumps(line | {"n": MANY - FEW, "load": round(os.getloadavg()[0], 2), "seed": SEED}))


if __name__ == "__main__":
    main(*sys.argv[1:])

# environment: data
"""Files that stand between steps or that users give: artifacts, records, tables, recipes, configs, protos."""

import functools
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from pathlib import Path

import convert_targets
import numpy as np
import small_run
from target import Files, Target

from boxwright.artifacts_readme import FILES
from boxwright.convert import conversion
from boxwright.core import labels
from boxwright.core import recipe as recipes
from boxwright.core.artifacts import dataset
from boxwright.core.records import tables, tfrecords
from boxwright.diagnose import config as diagnose_config
from boxwright.diagnose import data, diagnosis
from boxwright.diagnose.measures import object_crops
from boxwright.diagnose.plan import existing_training
from boxwright.report import config as report_config
from boxwright.report import step as report
from boxwright.run_status import config as status_config
from boxwright.run_status import step as run_status
from boxwright.validate import config as validate_config
from boxwright.validate import step as validate

CLASSES = ("cat",)
PIPELINE = """model { ssd { num_classes: 1 feature_extractor { type: "ssd_mobilenet_v1_ppn" depth_multiplier: 1.0 min_depth: 16 }
  image_resizer { fixed_shape_resizer { height: 300 width: 300 } }
  anchor_generator { ssd_anchor_generator { num_layers: 6 min_scale: 0.15 max_scale: 0.95 aspect_ratios: 1.0 } }
  loss { classification_loss { weighted_sigmoid_focal { alpha: 0.75 gamma: 2.0 } } localization_loss { weighted_smooth_l1 { } }
    classification_weight: 1.0 localization_weight: 1.5 } } }
train_config { batch_size: 8 num_steps: 1000 data_augmentation_options { random_horizontal_flip { } }
  data_augmentation_options { ssd_random_crop { } }
  optimizer { momentum_optimizer { learning_rate { cosine_decay_learning_rate { learning_rate_base: 0.02 total_steps: 1000
    warmup_learning_rate: 0.01 warmup_steps: 40 } } momentum_optimizer_value: 0.9 } } }
train_input_reader { label_map_path: "label_map.pbtxt" tf_record_input_reader { input_path: "train.record" } }
"""
STATUS = json.dumps(
    {
        "state": "FAILED",
        "error": {"code": 9, "message": "a task failed"},
        "pipelineJobResourceName": "x",
        "pipelineTaskName": "y",
    }
)


@functools.cache
def converted() -> Files:
    """What convert writes for a small set of three splits, and what validate writes for that."""
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
        source, out = Path(folder, "source"), Path(folder, "out")
        for number, split in enumerate(["train"] * 6 + ["valid"] * 3 + ["test"] * 3):
            place = source / split
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{number}.jpg").write_bytes(convert_targets.encoded("JPEG", quality=50 + number))
            box = " ".join(map(str, np.round(np.random.default_rng(number).uniform(0.3, 0.5, 4), 3)))
            (place / f"{number}.txt").write_text(f"0 {box}\n")
        (source / "classes.txt").write_text("cat\n")
        conversion.convert(convert_targets._config(source, out))
        validate.run(_validation(out, out))
        names = (
            file
            for file in out.rglob("*")
            if file.is_file() and file.suffix != ".html" and not file.name.startswith(".")
        )
        return {str(file.relative_to(out)): file.read_bytes() for file in names}


@functools.cache
def finished() -> Files:
    """The files of a finished run, without the .tflite file, of which the report reads only the size."""
    with tempfile.TemporaryDirectory() as folder:
        small_run.write(Path(folder))
        names = (file for file in Path(folder).rglob("*") if file.is_file() and file.suffix != ".tflite")
        return {str(file.relative_to(folder)): file.read_bytes() for file in names}


def _validation(folder: Path, out: Path, **more: str) -> validate_config.Config:
    return validate_config.Config(
        records=folder / "records", tables=folder / "tables", statistics=out / "statistics", schema=out / "schema.pbtxt",
        anomalies=out / "anomalies", page=out / "page.html", **more,
    )  # fmt: skip


def _some(*endings: str) -> Callable[[], Sequence[Files]]:
    return lambda: [{name: content for name, content in converted().items() if name.endswith(endings)}]


def _whole() -> Sequence[Files]:
    return [dict(converted())]


def _others(*endings: str) -> tuple[str, ...]:
    return tuple(name for name in _NAMES if not name.endswith(endings))


def run_validate(folder: Path, out: Path) -> None:
    validate.run(_validation(folder, out))


def run_with_protos(folder: Path, out: Path) -> None:
    more = {"expected_schema": str(folder / "schema.pbtxt"), "previous_statistics": str(folder / "statistics")}
    validate.run(_validation(folder, out, **more))


def run_diagnose(folder: Path, out: Path) -> None:
    config = diagnose_config.Config(records=folder / "records", tables=folder / "tables", init="none")
    found = data.read(config.records, config.tables)
    training = diagnosis.diagnosed_training(found, config)
    diagnosis.diagnose(found, training, config, object_crops.read(config.records, found.distinct), ())


def read_records(folder: Path, _: Path) -> None:
    for split in tfrecords.SPLITS:
        for record in tfrecords.read(folder / "records", split):
            record.picture("RGB")


def read_tables(folder: Path, _: Path) -> None:
    tables.read(folder / "tables")
    tables.images(folder / "tables", ["filename", "split", "dhash"])


def read_label_map(folder: Path, _: Path) -> None:
    labels.read(folder / "records" / tfrecords.LABEL_MAP)


def read_artifacts(folder: Path, _: Path) -> None:
    for file in folder.iterdir():
        module = next(module for name, module, _ in FILES if name == file.name)
        read = {
            "quarantine.jsonl": lambda path: list(dataset.read_quarantine(path)),
            "restored.json": getattr(module, "read_restored", None),
        }.get(file.name)
        (read or module.read)(file)


def artifacts() -> list[Files]:
    """One artifact at a time."""
    line = b'{"file": "a.jpg", "object": 0, "reason": "zero_area", "value": "0 0 0 0"}\n'
    found = {name.rpartition("/")[2]: content for name, content in finished().items()}
    found |= {
        "status.json": b'{"state": "FAILED", "error": "", "run": "x", "pipeline": "p", "data": "d"}',
        "quarantine.jsonl": line * 2,
    }
    return [{name: found[name]} for name, _, _ in FILES if name in found]


def run_report(folder: Path, out: Path) -> None:
    given = {
        "findings": "findings.json",
        "recipe": "recipe.yaml",
        "model": "model",
        "evaluation_float": "float",
        "evaluation_int8": "int8",
    }
    given |= {"tflite": "tflite", "edgetpu": "edgetpu"}
    config = report_config.Config(
        records=folder / "records", anomalies=folder / "anomalies", **{key: str(folder / name) for key, name in given.items()},
        report=out / "report.html", overview=out / "overview.md", summary=out / "summary.json",
    )  # fmt: skip
    report.run(config)


def recipe_files() -> list[Files]:
    recipe = recipes.stock("ssd_mobilenet_v1_ppn", CLASSES, steps=1000)
    with tempfile.TemporaryDirectory() as folder:
        recipes.write(recipe, Path(folder, "recipe.yaml"))
        return [{"recipe.yaml": Path(folder, "recipe.yaml").read_bytes()}]


def run_given(name: str) -> Callable[[Path, Path], None]:
    """Reads a training that the user has, and diagnoses it on sound data."""

    def run(folder: Path, _: Path) -> None:
        existing_training.read(folder / name, CLASSES)
        config = diagnose_config.Config(records=folder, tables=folder, init="none", given=str(folder / name))
        found = _sound_data()
        diagnosis.diagnose(found, diagnosis.diagnosed_training(found, config), config, None, ())

    return run


@functools.cache
def _sound_data() -> data.Data:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in converted().items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_bytes(content)
        return data.read(Path(folder, "records"), Path(folder, "tables"))


def run_run_status(folder: Path, out: Path) -> None:
    text = (folder / "final.json").read_text("utf-8", "surrogateescape")
    run_status.run(
        status_config.Config(final=text, run="r", data="gs://a/b", page=out / "status.md", status=out / "status.json")
    )


_SHARDS = tuple(f"{split}-0000{i}-of-00002.tfrecord" for split in tfrecords.SPLITS for i in (0, 1))
_NAMES = tuple(
    [f"records/{name}" for name in (*_SHARDS, "dataset.json", "quarantine.jsonl", "label_map.pbtxt")]
    + [f"tables/{name}" for name in ("images.parquet", "objects.parquet")]
    + ["schema.pbtxt", "anomalies/validation.json"]
    + [f"{folder}{split}.pbtxt" for folder in ("statistics/", "anomalies/anomalies_") for split in tfrecords.SPLITS]
)
TARGETS = (
    Target("records", _some(".tfrecord"), read_records, tests=200),
    Target("tables", _some(".parquet"), read_tables, tests=100),
    Target("label map of records", _some("label_map.pbtxt"), read_label_map, tests=200),
    Target("validate", _whole, run_validate, _others(".tfrecord", ".parquet", "dataset.json"), tests=5),
    Target(
        "schema, statistics",
        _whole,
        run_with_protos,
        _others("schema.pbtxt", *(f"statistics/{s}.pbtxt" for s in tfrecords.SPLITS)),
        tests=5,
    ),
    Target("diagnose", _whole, run_diagnose, _others(".tfrecord", ".parquet", "dataset.json"), tests=10),
    Target("artifacts", artifacts, read_artifacts, tests=200),
    Target("report", lambda: [finished()], run_report, tests=15),
    Target("recipe", recipe_files, run_given("recipe.yaml"), tests=20),
    Target("pipeline.config", lambda: [{"pipeline.config": PIPELINE.encode()}], run_given("pipeline.config"), tests=20),
    Target("run_status", lambda: [{"final.json": STATUS.encode()}], run_run_status, tests=200),
)

"""Records of a few grey images, written as convert writes them, with whatever flaw a test plants."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from boxwright.core.artifacts import dataset as dataset_file
from boxwright.core.artifacts.dataset import Dataset, Rejected
from boxwright.core.artifacts.validation import Validation
from boxwright.core.runtime.step_io import Result

BOXES = [(0.1, 0.1, 0.5, 0.6), (0.2, 0.2, 0.9, 0.8)]
CLASSES = ("cat", "dog")


class Validated(NamedTuple):
    """out: the folder of the outputs."""

    result: Result
    validation: Validation
    out: Path

    @property
    def ids(self) -> list[tuple[str, str]]:
        """Id and severity of each finding."""
        return [(finding.id, finding.severity) for finding in self.validation.findings]


def make_example(tf: Any, number: int) -> Any:
    def floats(values):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))

    def ints(values):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))

    def texts(values):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[v.encode() for v in values]))

    features = {
        "image/filename": texts([f"{number}.jpg"]),
        "image/key/sha256": texts([f"digest {number}"]),
        "image/encoded": texts(["not looked at"]),
        "image/format": texts(["jpeg"]),
        "image/height": ints([100]),
        "image/width": ints([100]),
        "image/object/class/label": ints([1, 2]),
        "image/object/class/text": texts(CLASSES),
    }
    for k, side in enumerate(("ymin", "xmin", "ymax", "xmax")):
        features[f"image/object/bbox/{side}"] = floats([box[k] for box in BOXES])
    return tf.train.Example(features=tf.train.Features(feature=features))


@pytest.fixture
def dataset(tmp_path) -> Callable[..., tuple[Path, Path]]:
    """dataset(edit=None, counts=None, tabulate=None) -> (records, tables). edit(split, examples, manifest) and
    tabulate(images, objects), both lists of rows, plant the flaw."""
    tf = pytest.importorskip("tensorflow")
    core = pytest.importorskip("boxwright.core.records.tables")

    def make(edit=lambda split, examples, manifest: None, counts=None, tabulate=lambda images, objects: None):
        counts = counts or {"train": 12, "val": 6, "test": 4}
        records, tables = tmp_path / "records", tmp_path / "tables"
        records.mkdir()
        manifest, images, first = make_manifest(counts), [], 0
        for split, n in counts.items():
            numbers = range(first, first := first + n)
            examples = [make_example(tf, i) for i in numbers]
            edit(split, examples, manifest)
            with tf.io.TFRecordWriter(str(records / f"{split}-00000-of-00001.tfrecord")) as writer:
                for example in examples:
                    writer.write(example.SerializeToString())
            images += [image_row(i, split) for i in numbers]
        dataset_file.write(records / dataset_file.FILE, Dataset.model_validate(manifest))
        dataset_file.write_quarantine(records / dataset_file.QUARANTINE, rejected(manifest["quarantined"]))
        objects = [
            {"image_id": row["image_id"], "split": row["split"], "class": name, "width_px": 50.0, "height_px": 40.0}
            for row in images
            for name in CLASSES
        ]
        tabulate(images, objects)
        core.write(
            tables,
            {name: [row.get(name) for row in images] for name in core.IMAGE_SCHEMA.names},
            {name: [row.get(name) for row in objects] for name in core.OBJECT_SCHEMA.names},
        )
        return records, tables

    return make


def rejected(quarantined: Mapping[str, Mapping[str, int]]) -> Iterator[Rejected]:
    """A line for each image and object that the manifest counts as quarantined, each of another file."""
    for kind, place in (("images", None), ("objects", 0)):
        for reason, n in quarantined[kind].items():
            yield from (Rejected(file=f"{reason}_{kind}_{i}.jpg", object=place, reason=reason) for i in range(n))


def image_row(number: int, split: str) -> dict[str, Any]:
    """A row of images.parquet. No two images have hashes that are near each other."""
    row = {"image_id": number, "filename": f"{number}.jpg", "split": split, "contrast": 0.1, "sharpness": 1.0}
    return row | {"brightness": 0.5 + 0.01 * (number % 5), "dhash": f"{(number + 1) * 0x9E3779B97F4A7C15 % 2**64:016x}"}


def make_manifest(counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "digest": "0" * 16,
        "format": "voc",
        "source": "here",
        "classes": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "splits": {
            split: {"images": n, "objects": 2 * n, "per_class": {"cat": n, "dog": n}, "shards": 1}
            for split, n in ({"train": 0, "val": 0, "test": 0} | dict(counts)).items()
        },
        "found": {"images": sum(counts.values()), "objects": 2 * sum(counts.values())},
        "quarantined": {"images": {}, "objects": {}},
        "notices": [],
        "split_by": "given",
    }


@pytest.fixture
def validated(dataset, tmp_path) -> Callable[..., Validated]:
    """Validates a data set with a flaw. Only `page=True` draws the page, which takes the longest."""
    pytest.importorskip("tensorflow_data_validation")
    from boxwright.core.artifacts import validation as validation_file
    from boxwright.validate import step, validation

    def run(accept="", expected_schema="", previous_statistics="", page=False, **flaw):
        records, tables = dataset(**flaw)
        out = tmp_path / "out"
        config = step.Config(
            records=records,
            tables=tables,
            statistics=out / "statistics",
            schema=out / "schema.pbtxt",
            anomalies=out / "anomalies",
            page=out / "page.html",
            accept=accept,
            expected_schema=expected_schema,
            previous_statistics=previous_statistics,
        )
        if page:
            result = step.run(config)
            return Validated(result, validation_file.read(out / "anomalies" / validation_file.FILE), out)
        found = validation.validate(config)
        return Validated(step.result(found), found.validation, out)

    return run

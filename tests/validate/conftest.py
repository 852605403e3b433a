"""Records of a few grey pictures, written as convert writes them, with whatever flaw a test plants."""

import json

import pytest


def _example(tf, number, boxes_yxyx, labels, classes):
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
        "image/object/class/label": ints(labels),
        "image/object/class/text": texts([classes[i - 1] if 0 < i <= len(classes) else "?" for i in labels]),
    }
    for k, side in enumerate(("ymin", "xmin", "ymax", "xmax")):
        features[f"image/object/bbox/{side}"] = floats([box[k] for box in boxes_yxyx])
    return tf.train.Example(features=tf.train.Features(feature=features))


BOXES = [(0.1, 0.1, 0.5, 0.6), (0.2, 0.2, 0.9, 0.8)]


@pytest.fixture
def dataset(tmp_path):
    """dataset(edit=None, counts=None, tabulate=None) -> (records, tables). edit(split, examples, manifest) and
    tabulate(images, objects), both lists of rows, plant the flaw."""
    tf = pytest.importorskip("tensorflow")
    core = pytest.importorskip("boxwright.core.records.tables")

    def make(edit=lambda split, examples, manifest: None, counts=None, tabulate=lambda images, objects: None):
        counts = counts or {"train": 12, "val": 6, "test": 4}
        records, tables = tmp_path / "records", tmp_path / "tables"
        records.mkdir()
        tables.mkdir()
        manifest, images, first = _manifest(counts), [], 0
        for split, n in counts.items():
            numbers = range(first, first + n)
            first += n
            examples = [_example(tf, i, BOXES, [1, 2], ["cat", "dog"]) for i in numbers]
            edit(split, examples, manifest)
            with tf.io.TFRecordWriter(str(records / f"{split}-00000-of-00001.tfrecord")) as writer:
                for example in examples:
                    writer.write(example.SerializeToString())
            images += [
                {"image_id": i, "filename": f"{i}.jpg", "split": split, "contrast": 0.1, "sharpness": 1.0}
                | {"brightness": 0.5 + 0.01 * (i % 5), "dhash": f"{(i + 1) * 0x9E3779B97F4A7C15 % 2**64:016x}"}
                for i in numbers
            ]
        (records / "dataset.json").write_text(json.dumps(manifest))
        objects = [
            {"split": row["split"], "class": name, "width_px": 50.0, "height_px": 40.0}
            for row in images
            for name in ("cat", "dog")
        ]
        tabulate(images, objects)
        core.write(
            tables,
            {name: [row.get(name) for row in images] for name in core.IMAGE_SCHEMA.names},
            {name: [row.get(name) for row in objects] for name in core.OBJECT_SCHEMA.names},
        )
        return records, tables

    return make


def _manifest(counts) -> dict:
    found = {"images": sum(counts.values()), "objects": 2 * sum(counts.values())}
    return {
        "digest": "0" * 16,
        "format": "voc",
        "source": "here",
        "classes": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "splits": {
            split: {"images": n, "objects": 2 * n, "per_class": {"cat": n, "dog": n}, "shards": 1}
            for split, n in ({"train": 0, "val": 0, "test": 0} | counts).items()
        },
        "found": found,
        "quarantined": {"images": {}, "objects": {}},
        "notices": [],
        "split_by": "given",
    }


@pytest.fixture
def validated(dataset, tmp_path):
    """validated(...) -> (Result, validation.json as a dict, folder of the outputs)."""
    pytest.importorskip("tensorflow_data_validation")
    from boxwright.validate import step

    def run(accept="", expected_schema="", previous_statistics="", **flaw):
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
        result = step.run(config)
        return result, json.loads((out / "anomalies" / "validation.json").read_text()), out

    return run

# environment: data
"""A miniature run: real files in the steps' formats, small enough to know every number in them."""

import io
import json
import shutil
from pathlib import Path

import pytest

from boxwright.core import findings, recipe
from boxwright.core.artifacts import diagnosis as diagnosis_file
from boxwright.core.artifacts import metrics, validation
from boxwright.core.artifacts.diagnosis import Coverage, Diagnosis, Prediction

CLASSES = ("cup", "pin")
SVG = '<?xml version="1.0"?>\n<svg viewBox="0 0 10 3"><path d="M0 3L10 0" stroke="#0b6e99"/></svg>'
UNUSED = findings.Finding(
    id="unused_category",
    cause="data_quality",
    severity="info",
    title="A class is unused",
    claim="Class mug has no object.",
)
# Two images of 200 x 100 pixels: boxes [x, y, width, height] of cups (class 1) and pins (class 2).
OBJECTS = {1: [(1, (20, 20, 60, 60)), (2, (120, 40, 10, 12))], 2: [(1, (50, 10, 80, 80)), (2, (10, 10, 10, 10))]}
# Image 1: both found. Image 2: the cup is found, the pin missed, and a pin seen where there is none.
DETECTIONS = [
    (1, 1, (22, 20, 60, 60), 0.9),
    (1, 2, (120, 41, 10, 12), 0.8),
    (2, 1, (50, 10, 80, 78), 0.95),
    (2, 2, (150, 60, 12, 12), 0.7),
    (2, 2, (10, 10, 10, 10), 0.3),
]


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory) -> Path:
    """Folder with records, anomalies, findings.json, recipe.yaml, model, float, int8, tflite, edgetpu."""
    pytest.importorskip("tensorflow")
    folder = tmp_path_factory.mktemp("run")
    write(folder)
    return folder


def write(folder: Path) -> None:
    """Writes the files of `finished_run`."""
    write_records(folder / "records")
    write_validation(folder / "anomalies", "ready", UNUSED)
    used = write_recipe(folder / "recipe.yaml")
    diagnosis_file.write(folder / "findings.json", diagnosis())
    write_model(folder / "model", used)
    write_evaluation(folder / "float", "trained", {"AP": 0.52, "AP50": 0.7, "cup": (0.7, 0.95), "pin": (0.34, 0.45)})
    write_evaluation(folder / "int8", "int8", {"AP": 0.51, "AP50": 0.69, "cup": (0.69, 0.95), "pin": (0.33, 0.43)})
    write_parity(folder / "tflite")
    dump(folder / "edgetpu" / "edgetpu.json", checked())


@pytest.fixture
def run_folder(finished_run: Path, tmp_path: Path) -> Path:
    """A copy of `finished_run` that a test may change."""
    shutil.copytree(finished_run, tmp_path, dirs_exist_ok=True)
    return tmp_path


def write_parity(folder: Path) -> None:
    compared = {"detections": 5, "matched": 1.0, "same": 1.0, "box_mean": 1e-6, "score_max": 2e-7, "score_mean": 1e-7}
    files = {"float32": compared | {"box_max": 3e-6}, "int8": compared | {"box_max": 0.04}}
    calibration = {"images": 150, "asked": 150, "seed": 0}
    dump(folder / "parity.json", {"input_size": 300, "split": "val", "images": 8, "calibration": calibration} | files)
    (folder / "int8.tflite").write_bytes(b"\0" * 2_500_000)


def checked() -> dict:
    """edgetpu.json where there is no compiler."""
    op = {"op": "CONV_2D", "version": 3, "placement": "Edge TPU", "why": "supported", "count": 30}
    state = {"status": "checked, not compiled", "compiled": False, "reason": "edgetpu_compiler is not installed here"}
    state |= {"compiler": None, "input_types": ["UINT8"], "operators": 30, "predicted_on_tpu": 1.0}
    return state | {"rules": "published for edgetpu_compiler 16.0", "refused": None, "ops": [op], "log": None}


def dump(path: Path, value) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def write_records(folder: Path) -> None:
    import tensorflow as tf
    from PIL import Image, ImageDraw

    folder.mkdir()
    with tf.io.TFRecordWriter(str(folder / "test-00000-of-00001.tfrecord")) as writer:
        for image_id, objects in OBJECTS.items():
            picture = Image.new("RGB", (200, 100), (225, 228, 220))
            for class_id, (x, y, w, h) in objects:
                ImageDraw.Draw(picture).ellipse((x, y, x + w, y + h), (180, 90, 60) if class_id == 1 else (40, 40, 90))
            file = io.BytesIO()
            picture.save(file, "JPEG")
            writer.write(example(f"{image_id}.jpg", file.getvalue(), objects))
    counts = {"images": 2, "objects": 4, "per_class": {"cup": 2, "pin": 2}, "shards": 1}
    nothing = {"images": 0, "objects": 0, "per_class": {"cup": 0, "pin": 0}, "shards": 0}
    manifest = {"digest": "0123456789abcdef", "format": "voc", "source": "/somewhere/cups", "split_by": "given"}
    manifest |= {
        "classes": [{"id": 1, "name": "cup"}, {"id": 2, "name": "pin"}],
        "splits": {**dict.fromkeys(("train", "val"), nothing), "test": counts},
    }
    manifest |= {
        "found": {"images": 3, "objects": 5},
        "notices": [UNUSED.model_dump(mode="json")],
    }
    manifest |= {"quarantined": {"images": {"truncated": 1}, "objects": {"zero_area": 1}}}
    dump(folder / "dataset.json", manifest)
    (folder / "quarantine.jsonl").write_text("")


def example(filename: str, encoded: bytes, objects) -> bytes:
    from tensorflow.core.example.example_pb2 import Example

    features = Example()
    feature = features.features.feature
    feature["image/filename"].bytes_list.value.append(filename.encode())
    feature["image/encoded"].bytes_list.value.append(encoded)
    feature["image/key/sha256"].bytes_list.value.append(filename.encode())
    feature["image/height"].int64_list.value.append(100)
    feature["image/width"].int64_list.value.append(200)
    for class_id, (x, y, w, h) in objects:
        feature["image/object/class/label"].int64_list.value.append(class_id)
        for side, value in {"ymin": y / 100, "xmin": x / 200, "ymax": (y + h) / 100, "xmax": (x + w) / 200}.items():
            feature[f"image/object/bbox/{side}"].float_list.value.append(value)
    return features.SerializeToString()


def write_validation(folder: Path, verdict: validation.Verdict, *found: findings.Finding) -> None:
    validation.write(folder / validation.FILE, validation.Validation(verdict=verdict, findings=found))


def diagnosis() -> Diagnosis:
    starved = findings.Finding(
        id="anchors_miss_pin",
        cause="recipe",
        severity="high",
        title="The anchors do not reach the pins",
        claim="97 % of the pins are smaller than any anchor of the stock recipe reaches.",
        evidence=(
            findings.Evidence(metric="unreachable", value=0.97, n=361, interval=(0.94, 0.98), where="tables/objects"),
        ),
        remedy="First feature map at stride 8, anchors fitted to the objects.",
        expected_effect="+21 to +31 points of AP50 on pin (BCCD, 580 steps)",
        effect_points=26,
        confidence="high",
    )
    few = findings.Finding(
        id="few_pins",
        cause="data_quantity",
        severity="medium",
        title="There are too few pins",
        claim="Only 2 pins to learn from.",
        evidence=(findings.Evidence(metric="objects", value=2, n=2, where="tables/objects"),),
        remedy="Label at least 100 pins.",
        expected_effect="unknown",
        confidence="medium",
    )
    return Diagnosis(
        findings=(few, starved),
        unreachable={"stock": {"cup": 0.0, "pin": 0.97}, "used": {"cup": 0.01, "pin": 0.03}},
        coverage=(
            Coverage(class_name="pin", size="small (< 32 px)", n=300, stock=1.0, used=0.036),
            Coverage(class_name="pin", size="medium (32-96 px)", n=61, stock=0.82, used=0.0),
        ),
        prediction=Prediction(
            ap50={"cup": 0.9, "pin": 0.7},
            interval={"cup": (0.8, 0.94), "pin": (0.5, 0.9)},
            mean=0.8,
            mean_interval=(0.65, 0.9),
            basis="interpolated between six measured runs",
        ),
    )


def write_recipe(path: Path) -> recipe.Recipe:
    stock = recipe.stock("ssd_mobilenet_v1_ppn", CLASSES, steps=100)
    change = recipe.Change(
        field="grid",
        before="stride16",
        after="stride8",
        findings=("anchors_miss_pin",),
        reason="pins are 12 px at 300 px",
    )
    flip = recipe.Augmentation(name="random_horizontal_flip", reason="mirrored cups are cups")
    used = stock.model_copy(update={"stock": False, "grid": "stride8", "changes": (change,), "augmentation": (flip,)})
    recipe.write(used, path)
    return used


def write_model(folder: Path, used: recipe.Recipe) -> None:
    evaluations = [
        {"step": 50, "AP": 0.4, "AP50": 0.6, "per_class": {}},
        {"step": 100, "AP": 0.5, "AP50": 0.7, "per_class": {}},
    ]
    history = {
        "steps": [],
        "evaluations": evaluations,
        "best_step": used.steps,
        "stopped_early": False,
        "seconds": 61.5,
    }
    notice = "STARTED FROM RANDOM WEIGHTS: the model zoo could not be reached."
    dump(folder / "history.json", history | {"notices": [notice]})
    dump(folder / "restored.json", {"source": "none", "restored": [], "skipped": [], "new": ["conv/kernel"]})
    (folder / "curves.svg").write_text(SVG)


def write_evaluation(folder: Path, variant: metrics.Variant, numbers: dict) -> None:
    per_class = {name: metrics.ClassMetrics(AP=numbers[name][0], AP50=numbers[name][1], objects=2) for name in CLASSES}
    measured = metrics.Metrics(
        variant=variant, split="test", images=2, objects=4, detections=5,
        AP=numbers["AP"], AP50=numbers["AP50"], AP75=None, APs=0.34, APm=None, APl=0.7,
        AR1=None, AR10=None, AR100=0.6, ARs=None, ARm=None, ARl=None, per_class=per_class,
    )  # fmt: skip
    metrics.write(folder / metrics.FILE, measured)
    annotations = [
        {"id": 10 * i + k, "image_id": i, "category_id": class_id, "bbox": box, "area": box[2] * box[3], "iscrowd": 0}
        for i, objects in OBJECTS.items()
        for k, (class_id, box) in enumerate(objects)
    ]
    images = [{"id": i, "file_name": f"{i}.jpg", "height": 100, "width": 200} for i in OBJECTS]
    categories = [{"id": i, "name": name} for i, name in enumerate(CLASSES, 1)]
    dump(folder / "groundtruth.json", {"images": images, "annotations": annotations, "categories": categories})
    keys = ("image_id", "category_id", "bbox", "score")
    dump(folder / "detections.json", [dict(zip(keys, d, strict=True)) for d in DETECTIONS])
    dump(folder / "errors.json", errors())
    (folder / "precision_recall.svg").write_text(SVG)


def errors() -> dict:
    """errors.json of DETECTIONS: one pin missed, one seen where there is none."""
    tide = [("Cls", 0, 0.0), ("Loc", 0, 0.0), ("Both", 0, 0.0), ("Dupe", 0, 0.0), ("Bkg", 1, 0.08), ("Miss", 1, 0.0)]
    keys = ("axis", "class", "bucket", "objects", "found", "any")
    unreached, reached = "out of reach (IoU below 0.5)", "reached well (0.7 and more)"
    recall = [
        ("size", None, "small (below 32² px)", 2, 1, 2), ("size", None, "medium (to 96² px)", 2, 2, 2),
        ("size", "pin", "small (below 32² px)", 2, 1, 2), ("size", "cup", "medium (to 96² px)", 2, 2, 2),
        ("anchors", None, unreached, 1, 0, 1), ("anchors", None, reached, 3, 3, 3),
        ("anchors", "pin", unreached, 1, 0, 1), ("anchors", "pin", reached, 1, 1, 1), ("anchors", "cup", reached, 2, 2, 2),
    ]  # fmt: skip
    bins = [{"score": 0.3, "right": 1.0, "number": 1}, {"score": 0.85, "right": 0.75, "number": 4}]
    suspect = {
        "kind": "missing",
        "image_id": 2,
        "score": 0.7,
        "class": "pin",
        "labelled": None,
        "bbox": [150, 60, 12, 12],
    }
    return {
        "score": 0.5,
        "iou": 0.5,
        "background_iou": 0.1,
        "tide": [dict(zip(("type", "number", "dAP"), row, strict=True)) for row in tide],
        "confusions": [],
        "recall": [dict(zip(keys, row, strict=True)) for row in recall],
        "calibration": {"ece": 0.22, "bins": bins, "per_class": {"cup": 0.08, "pin": 0.4}, "number": 5},
        "suspects": {"number": 1, "worst": [suspect]},
    }

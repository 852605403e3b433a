# environment: data
"""Deep nesting, absurd lengths and odd values end in a sentence (attack 20)."""

import errno
import json
from pathlib import Path

import pytest
from convert_sets import LABEL, coco_json, labelme_json

from boxwright import cli
from boxwright.core import labels, recipe
from boxwright.core.artifacts import dataset, metrics
from boxwright.core.foreign_files import proto_text
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.plan import existing_training
from boxwright.validate.tfdv import files as tfdv_files

LEVELS = 100_000
LISTS = "[" * LEVELS + "]" * LEVELS
MESSAGES = "feature { struct_domain { " * LEVELS + "} } " * LEVELS
ODD = (r'"\ud800"', "1e999", "NaN", "9" * 5000, f'"{"x" * 5000}"', "null", "[]", f"{'[' * 900}{']' * 900}")


@pytest.fixture
def written(tmp_path):
    def written(text: str, name: str = "file") -> Path:
        (file := tmp_path / name).write_text(text)
        return file

    return written


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", f'{{"images": {LISTS}, "annotations": [], "categories": []}}'),
        ("data.yaml", f"train: .\nnames: {LISTS}"),
        ("annotations.xml", "<annotations><image " + "<a>" * LEVELS),
    ],
)
def test_deep_annotations(made, read, name, text):
    with pytest.raises(UserError, match=name) as error:
        read(made(["a.jpg"], {name: text}))
    assert len(str(error.value)) < 1000


def test_a_deep_labelme_json_is_a_fault_of_its_image(made, read):
    deep = labelme_json("b.jpg").replace('"shapes"', f'"x": {LISTS}, "shapes"')
    faults = {
        i.filename: i.fault and i.fault.value
        for i in read(made(["a.jpg", "b.jpg"], {"a.json": labelme_json("a.jpg"), "b.json": deep})).images
    }
    assert faults == {"a.jpg": None, "b.jpg": "not valid json: its lists and objects are nested too deeply"}


def test_deep_recipes_label_maps_and_configurations(written):
    for read, text in (
        (recipe.read, f"seed: {LISTS}"),
        (labels.items, "item { x " + "{ x " * LEVELS + "} " * LEVELS + "}"),
        (lambda file: existing_training.read(file, ["cat"]), "model { " * LEVELS),
    ):
        with pytest.raises(UserError, match="file"):
            read(written(text))


def test_deep_texts_of_tfdv(written):
    with pytest.raises(UserError, match=r"--expected-schema .* nested too deeply"):
        tfdv_files.read_schema(str(written(MESSAGES)))
    written("datasets { features { struct_stats { num_stats { " * LEVELS, "train.pbtxt")
    with pytest.raises(UserError, match=r"--previous-statistics: .*train.pbtxt"):
        tfdv_files.read_previous(str(written("").parent))


@pytest.mark.parametrize(
    "text", [LISTS, f'{{"x": {LISTS}}}', f'{{"{"x" * 10**6}": 1}}', "[" * 150 + "]" * 150, "\0", "9" * 10**6]
)
@pytest.mark.parametrize("read", [dataset.read, metrics.read])
def test_own_json_of_others(written, text, read):
    with pytest.raises(UserError, match="run `boxwright") as error:
        read(written(text))
    assert len(str(error.value)) < 1000


def test_a_recipe_of_many_wrong_fields_is_a_short_error(written):
    with pytest.raises(UserError, match=r"and [\d,]+ more fields") as error:
        recipe.read(written("".join(f"{'x' * 1000}{n}: 1\n" for n in range(1000))))
    assert len(str(error.value)) < 10_000


def entry(field: str, value: str) -> str:
    """A COCO set with one value exchanged. field: the list and the field, such as `images.id`."""
    content = json.loads(coco_json("a.jpg", "b.jpg"))
    part, name = field.split(".")
    content[part][0][name] = "HERE"
    return json.dumps(content).replace('"HERE"', value)


@pytest.mark.parametrize(
    "field",
    [
        "images.id", "images.file_name", "images.width", "images.camera", "annotations.image_id", "annotations.category_id",
        "annotations.bbox", "annotations.segmentation", "annotations.iscrowd", "categories.id", "categories.name",
    ],
)  # fmt: skip
def test_odd_values_of_coco(made, convert, field):
    """Each is read, quarantined or refused in a short sentence."""
    for number, value in enumerate(ODD):
        root = made(["a.jpg", "b.jpg"], {"a.json": entry(field, value)})
        flags = {"group": "column:camera"} if field == "images.camera" else {}
        try:
            found = convert(root, f"out{number}", workers=1, **flags)
            assert all(len(line["value"]) <= 2000 for line in found.quarantine)
        except UserError as error:
            assert len(str(error)) < 1000


@pytest.mark.parametrize("field", ["label", "points", "group_id", "shape_type"])
def test_odd_values_of_labelme(made, convert, field):
    for number, value in enumerate(ODD):
        content = json.loads(labelme_json("a.jpg"))
        content["shapes"][0][field] = "HERE"
        text = json.dumps(content).replace('"HERE"', value)
        try:
            convert(
                made(["a.jpg", "b.jpg"], {"a.json": text, "b.json": labelme_json("b.jpg")}), f"out{number}", workers=1
            )
        except UserError as error:
            assert len(str(error)) < 1000


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("num_layers: 6", "num_layers: 2147483647"), ("num_layers: 6", "num_layers: 1"), ("height: 300", "height: 0"),
        ("min_scale: 0.2", "min_scale: nan"), ("min_scale: 0.2", "min_scale: 3.4028235e38"),
        ("aspect_ratios: 1.0", "aspect_ratios: 1.0 " * 1000), ("batch_size: 8", "batch_size: 4294967295"),
        ("num_steps: 100", "num_steps: 4294967295"), ("learning_rate: 0.1", "learning_rate: nan"),
        ("learning_rate: 0.1", f"learning_rate: {'9' * 5000}"),
    ],
)  # fmt: skip
def test_absurd_settings_of_a_pipeline_config(written, setting, why):
    resizer = "image_resizer { fixed_shape_resizer { height: 300 width: 300 } }"
    if why == "height: 0":
        resizer = "image_resizer { fixed_shape_resizer { height: 0 width: 0 } }"
    text = (
        "model { ssd { num_classes: 1 feature_extractor { type: 'ssd_mobilenet_v1_keras' } anchor_generator { "
        f"ssd_anchor_generator {{ num_layers: 6 min_scale: 0.2 max_scale: 0.95 aspect_ratios: 1.0 }} }} {resizer} }} }}\n"
        "train_config { batch_size: 8 num_steps: 100 optimizer { momentum_optimizer { learning_rate { "
        "constant_learning_rate { learning_rate: 0.1 } } } } }"
    )
    if why != "height: 0":
        assert existing_training.read(written(text), ["cat"]).recipe.batch_size == 8
    with pytest.raises(UserError) as error:
        existing_training.read(written(text.replace(setting, why)), ["cat"])
    assert len(str(error.value)) < 1000


def test_an_error_of_protobuf_text_does_not_repeat_the_line():
    with pytest.raises(proto_text.InvalidProtoText) as error:
        labels_message = labels._LabelMap()
        proto_text.parse("item { id: " + "9" * 3000 + " }", labels_message)
    assert str(error.value).startswith("line 1: ") and len(str(error.value)) < 300


@pytest.mark.parametrize("flag", ["group", "split_fractions", "format", "fix"])
def test_absurd_lengths_of_flags(made, convert, flag):
    root = made(["a.jpg"], {"data.yaml": "train: .\nnames: [cat]", "a.txt": LABEL})
    with pytest.raises(UserError):
        convert(**{"data": root, flag: "x" * 100_000})


def test_a_path_that_is_too_long_is_a_sentence(capfd):
    assert cli.code_of("convert", OSError(errno.ENAMETOOLONG, "File name too long", "x" * 100_000)) == 2
    said = capfd.readouterr().err
    assert "too long for a path" in said and len(said) < 500


def test_missing_memory_is_a_sentence():
    assert "not enough memory" in cli.NO_MEMORY

# environment: authoring
"""The files of `boxwright compile --components`, in pipelines that are written without Boxwright."""

import json
import shutil
from pathlib import Path

import bare_python
import pytest
from kfp import components, dsl
from rich.console import Console

from boxwright.cluster import compile as compiling
from boxwright.core.runtime.environments import STEPS, image
from boxwright.core.runtime.errors import UserError
from boxwright.kfp import component_yaml
from boxwright.local import kfp_local


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    """A folder with STEP/component.yaml for each step."""
    return compiling.write_components(tmp_path_factory.mktemp("components"))


WITHOUT_BOXWRIGHT = """
from kfp import compiler, components, dsl
load = lambda step: components.load_component_from_file(f"{FILES}/{step}/component.yaml")
convert, validate, diagnose, run_status = map(load, ("convert", "validate", "diagnose", "run_status"))

@dsl.pipeline
def ours(data: str):
    with dsl.ExitHandler(run_status(data=data)):
        converted = convert(data=data, seed=3)
        given = {name: converted.outputs[name] for name in ("records", "tables")}
        validated = validate(**given)
        with dsl.If(validated.outputs["ready"] == True):
            diagnose(**given, anomalies=validated.outputs["anomalies"])

compiler.Compiler().compile(ours, f"{FILES}/ours.yaml")
import importlib.util
print(importlib.util.find_spec("boxwright"))
"""


def test_they_are_loaded_without_boxwright(files, tmp_path):
    code = WITHOUT_BOXWRIGHT.replace("{FILES}", str(files))
    ended = bare_python.run(code, bare_python.site(tmp_path, "kfp"))
    assert (ended.returncode, ended.stdout) == (0, "None\n"), ended.stderr
    assert image("data") in (files / "ours.yaml").read_text()


def test_they_have_the_interface_of_the_steps(files):
    for step in STEPS:
        made = (files / step / component_yaml.FILE).read_text()
        assert made.replace(image(STEPS[step]), f"REGISTRY/boxwright/{STEPS[step]}:TAG") in component_yaml.interface(
            step
        )


def test_what_is_left_out_has_its_default(files, images, tmp_path):
    """The task passes two parameters, and the command names none, for KFP 2.17.0 (see pipelines/README.md)."""
    convert = components.load_component_from_file(str(files / "convert" / component_yaml.FILE))

    @dsl.pipeline
    def ours(data: str):
        convert(data=data, split_fractions="0.5,0.25,0.25", format="coco")  # pyright: ignore[reportCallIssue]  (loaded)

    data = labelled(images, tmp_path / "data")
    (task,) = kfp_local.run(ours, {"data": str(data)}, tmp_path.resolve() / "run", Console())
    stored = json.loads((tmp_path / "run" / task.outputs["records"].path / "dataset.json").read_text())
    counts = {split: one["images"] for split, one in stored["splits"].items()}
    assert counts == {"train": 2, "val": 1, "test": 1}


def labelled(images: Path, folder: Path) -> Path:
    """Four of the images as COCO."""
    folder.mkdir()
    files = sorted(images.glob("*.jpg"))[:4]
    for file in files:
        shutil.copy(file, folder)
    boxes = [
        {"id": n, "image_id": n, "category_id": 1, "bbox": [10 + n, 10, 50, 60 + n]} for n in range(1, len(files) + 1)
    ]
    listed = [{"id": n, "file_name": file.name} for n, file in enumerate(files, 1)]
    coco = {"images": listed, "annotations": boxes, "categories": [{"id": 1, "name": "nut"}]}
    (folder / "labels.json").write_text(json.dumps(coco))
    return folder


def test_no_other_file_is_replaced(tmp_path):
    file = tmp_path / "components" / "convert" / component_yaml.FILE
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    with pytest.raises(UserError, match="exists and is not a compiled pipeline"):
        compiling.write_components(tmp_path / "components")
    assert file.read_text() == "mine"


def test_train_can_have_the_image_for_gpus(tmp_path):
    compiling.write_components(tmp_path, gpu=True)
    assert image("train", "gpu") in (tmp_path / "train" / component_yaml.FILE).read_text()
    assert image("train") + "\n" in (tmp_path / "evaluate" / component_yaml.FILE).read_text()

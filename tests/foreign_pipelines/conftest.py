"""Images with boxes in somebody's own table, as in pipelines/README.md."""

import csv
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from boxwright.core.runtime import environments


@pytest.fixture(scope="session")
def images(tmp_path_factory) -> Path:
    """A folder with 24 generated images and boxes.csv: image, class, x, y, width, height."""
    folder = tmp_path_factory.mktemp("images")
    python = environments.home() / "data" / "bin" / "python"
    flags = ["--out", folder / "coco", "--images", "24", "--seed", "0"]
    subprocess.run([python, "-P", "-m", "boxwright.demo.generator", *flags], check=True)
    with (folder / "boxes.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("image", "class", "x", "y", "width", "height"))
        for split in (folder / "coco").iterdir():
            if not split.is_dir():
                continue
            labels = json.loads((split / "_annotations.coco.json").read_text())
            files = {image["id"]: f"{split.name}_{image['file_name']}" for image in labels["images"]}
            names = {one["id"]: one["name"] for one in labels["categories"]}
            for image in labels["images"]:
                shutil.copy(split / image["file_name"], folder / files[image["id"]])
            table.writerows(
                (files[box["image_id"]], names[box["category_id"]], *box["bbox"]) for box in labels["annotations"]
            )
    shutil.rmtree(folder / "coco")
    return folder

# environment: authoring
"""1,203 classes, as LVIS has, through the graph in the local runner: one argument of a command holds 128 KiB at most."""

import json
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

CLASSES, IMAGES, SIDE = 1203, 120, 64


def png(seed: int) -> bytes:
    """A noisy RGB picture, made without Pillow, which this environment lacks."""
    noise = random.Random(seed)
    rows = b"".join(b"\0" + noise.randbytes(SIDE * 3) for _ in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    packed = (struct.pack(">I", len(b)) + k + b + struct.pack(">I", zlib.crc32(k + b)) for k, b in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.fixture
def data(tmp_path) -> Path:
    """Three objects of each class."""
    folder = tmp_path / "data"
    folder.mkdir()
    images = [{"id": n, "file_name": f"{n}.png", "width": SIDE, "height": SIDE} for n in range(IMAGES)]
    for number, image in enumerate(images):
        (folder / image["file_name"]).write_bytes(png(number))
    boxes = ([n * 5 % 40, n * 3 % 40, 8 + n % 12, 8 + n % 9] for n in range(3 * CLASSES))
    annotations = [
        {
            "id": n,
            "image_id": (n % CLASSES * 7 + n // CLASSES * 13) % IMAGES,
            "category_id": n % CLASSES + 1,
            "bbox": box,
        }
        for n, box in enumerate(boxes)
    ]
    categories = [{"id": n + 1, "name": f"class {n:04} of a long list"} for n in range(CLASSES)]
    document = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(document))
    return folder


def test_many_classes_pass_through_the_graph(data, tmp_path):
    command = [Path(sys.executable).with_name("boxwright"), "diagnose", "--data", data, "--out", tmp_path / "out"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr[-2000:]
    outputs = {file.parent.name: len(file.read_bytes()) for file in tmp_path.glob("out/steps/*/*/executor_output.json")}
    assert {"convert", "validate", "diagnose", "augment"} < set(outputs)
    assert max(outputs.values()) < 5000, outputs

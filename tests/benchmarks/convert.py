# environment: .envs/data
"""Images a second of `convert` against a plain loop as the OD API's create_*_tf_record scripts have it.

Both read the same JPEG files and write TFRecords in the same schema, in this process, imports left out; the runs take turns and
the median counts. The loop only opens each image; ours also decodes it, checks it, measures it for the tables, reads back
what it wrote and counts.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from boxwright.convert.step import Config, run
from boxwright.core import generator

SEED = 0
DISTINCT = 50


def make_data(root: Path, images: int) -> None:
    """One split of `images` JPEG files: generated ones, each kept several times under other names."""
    generator.generate(root / "made", DISTINCT, SEED)
    train = root / "made" / "train"
    made = json.loads((train / "_annotations.coco.json").read_text())
    by_image = defaultdict(list)
    for annotation in made["annotations"]:
        by_image[annotation["image_id"]].append(annotation)
    document = {"categories": made["categories"], "images": [], "annotations": []}
    (root / "data").mkdir()
    for number in range(images):
        entry = made["images"][number % len(made["images"])]
        name = f"{number:06d}.jpg"
        shutil.copyfile(train / entry["file_name"], root / "data" / name)
        document["images"].append(entry | {"id": number, "file_name": name})
        document["annotations"] += [a | {"image_id": number} for a in by_image[entry["id"]]]
    (root / "data" / "annotations.json").write_text(json.dumps(document))


def plain_loop(data: Path, out: Path) -> None:
    """`create_coco_tf_record.py` without masks: the same calls in the same order."""
    import tensorflow as tf
    from PIL import Image

    def feature(**kind):
        return tf.train.Feature(**{k: getattr(tf.train, v[0])(value=v[1]) for k, v in kind.items()})

    document = json.loads((data / "annotations.json").read_text())
    names = {c["id"]: c["name"] for c in document["categories"]}
    by_image = defaultdict(list)
    for annotation in document["annotations"]:
        by_image[annotation["image_id"]].append(annotation)
    with contextlib.ExitStack() as stack:
        shards = [stack.enter_context(tf.io.TFRecordWriter(f"{out}-{i:05d}-of-00010")) for i in range(10)]
        for number, image in enumerate(document["images"]):
            encoded = (data / image["file_name"]).read_bytes()
            Image.open(io.BytesIO(encoded))
            key = hashlib.sha256(encoded).hexdigest()
            width, height = image["width"], image["height"]
            objects = by_image[image["id"]]
            boxes = [a["bbox"] for a in objects]
            features = {
                "image/height": feature(int64_list=("Int64List", [height])),
                "image/width": feature(int64_list=("Int64List", [width])),
                "image/filename": feature(bytes_list=("BytesList", [image["file_name"].encode()])),
                "image/source_id": feature(bytes_list=("BytesList", [str(image["id"]).encode()])),
                "image/key/sha256": feature(bytes_list=("BytesList", [key.encode()])),
                "image/encoded": feature(bytes_list=("BytesList", [encoded])),
                "image/format": feature(bytes_list=("BytesList", [b"jpeg"])),
                "image/object/bbox/xmin": feature(float_list=("FloatList", [b[0] / width for b in boxes])),
                "image/object/bbox/xmax": feature(float_list=("FloatList", [(b[0] + b[2]) / width for b in boxes])),
                "image/object/bbox/ymin": feature(float_list=("FloatList", [b[1] / height for b in boxes])),
                "image/object/bbox/ymax": feature(float_list=("FloatList", [(b[1] + b[3]) / height for b in boxes])),
                "image/object/class/text": feature(
                    bytes_list=("BytesList", [names[a["category_id"]].encode() for a in objects])
                ),
                "image/object/class/label": feature(int64_list=("Int64List", [a["category_id"] for a in objects])),
                "image/object/is_crowd": feature(int64_list=("Int64List", [a["iscrowd"] for a in objects])),
                "image/object/area": feature(float_list=("FloatList", [a["area"] for a in objects])),
            }
            example = tf.train.Example(features=tf.train.Features(feature=features))
            shards[number % 10].write(example.SerializeToString())


def ours(data: Path, out: Path) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        run(Config(data=str(data), records=out / "records", tables=out / "tables"))


def seconds(work, data: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        work(data, Path(folder) / "out")
        return time.perf_counter() - started


def main(images: int = 1500, repeats: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_data(Path(folder), images)
        make_data(Path(folder) / "warm", 10)
        for work in (ours, plain_loop):
            seconds(work, Path(folder) / "warm" / "data")
        times: dict[str, list[float]] = {"ours": [], "theirs": []}
        for _ in range(repeats):
            times["theirs"].append(seconds(plain_loop, Path(folder) / "data"))
            times["ours"].append(seconds(ours, Path(folder) / "data"))
    speed = {who: round(images / statistics.median(taken), 1) for who, taken in times.items()}
    ratio = round(speed["ours"] / speed["theirs"], 3)
    load = round(os.getloadavg()[0], 2)
    print(
        json.dumps(
            {"name": "convert", **speed, "unit": "images/s", "ratio": ratio, "n": images, "load": load, "seed": SEED}
        )
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

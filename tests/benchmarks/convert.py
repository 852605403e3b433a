# environment: .envs/data
"""Images per second of `convert` against a plain loop like the OD API's create_*_tf_record scripts.

Both read the same JPEG files and write TFRecords in the same schema. Imports are not measured. The runs alternate, and the
median counts. Each run is a separate process, because the memory layout of a process makes all its runs up to a quarter
faster or slower. CPU time is printed too; other work on the machine hardly changes it. There are two comparisons: `--pixels
trust` with the original loop, which only opens each image, and `--pixels decode` with the same loop changed to decode. Ours
also checks headers and boxes, writes tables, and reads its output back. The peak memory is that of the largest process.
Images have 640 x 480 pixels; a fifth as many have 1280 x 960, where partial decoding saves more. Arguments: number of
images, number of repeats, and optionally a larger number of images to measure the growth of time. All runs use
`memory_at_hand` and a warm file cache.
"""

import contextlib
import hashlib
import io
import json
import mmap
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from boxwright.convert.step import Config, run
from boxwright.demo import generator

SEED = 0
DISTINCT = 50
WARM = 600  # images, enough for several processes
# Bytes. A block is the smallest unit that a virtual machine returns to its host.
PAGE, BLOCK, OF_IMAGE = 4 << 10, 2 << 20, 150 << 10


def make_data(root: Path, images: int, enlarged: int = 1) -> Path:
    """One split of `images` generated JPEG files. Each is stored several times under different names. Returns the folder."""
    generator.generate(root / "made", DISTINCT, SEED)
    train = root / "made" / "train"
    made = json.loads((train / "_annotations.coco.json").read_text())
    if enlarged > 1:
        _enlarge(train, made, enlarged)
    by_image = defaultdict(list)
    for annotation in made["annotations"]:
        by_image[annotation["image_id"]].append(annotation)
    document = {"categories": made["categories"], "images": [], "annotations": []}
    (root / "data").mkdir()
    for number in range(images):
        entry = made["images"][number % len(made["images"])]
        name = f"{number:06d}.jpg"
        (root / "data" / name).write_bytes(_unique((train / entry["file_name"]).read_bytes(), number))
        document["images"].append(entry | {"id": number, "file_name": name})
        document["annotations"] += [a | {"image_id": number} for a in by_image[entry["id"]]]
    (root / "data" / "annotations.json").write_text(json.dumps(document))
    return root / "data"


def _enlarge(folder: Path, made: dict, times: int) -> None:
    """Adds noise like a camera's. Without it such a JPEG would hardly be larger than the small one."""
    noise = np.random.default_rng(SEED)
    for entry in made["images"]:
        entry |= {side: times * entry[side] for side in ("width", "height")}
        picture = Image.open(folder / entry["file_name"]).resize((entry["width"], entry["height"]))
        pixels = np.asarray(picture) + noise.normal(0, 3, (entry["height"], entry["width"], 1))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / entry["file_name"], quality=88)
    for annotation in made["annotations"]:
        annotation["bbox"] = [times * side for side in annotation["bbox"]]
        annotation["area"] *= times**2


def _unique(jpeg: bytes, number: int) -> bytes:
    """Adds a comment with the number after the first marker, padded to a unique length. Otherwise equal files would be
    detected as one picture, and would be read once more for that."""
    text = str(number).encode().ljust(8 + number % 10_000)
    return jpeg[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def plain_loop(data: Path, out: Path, *, decode: bool = False) -> None:
    """`create_coco_tf_record.py` without masks, keypoints and DensePose: the same calls in the same order, GFile included."""
    import tensorflow as tf

    document = json.loads((data / "annotations.json").read_text())
    categories = {category["id"]: category for category in document["categories"]}
    by_image = defaultdict(list)
    for annotation in document["annotations"]:
        by_image[annotation["image_id"]].append(annotation)
    with contextlib.ExitStack() as stack:
        shards = [stack.enter_context(tf.io.TFRecordWriter(f"{out}-{i:05d}-of-00010")) for i in range(10)]
        for number, image in enumerate(document["images"]):
            example = create_tf_example(tf, image, by_image[image["id"]], data, categories, decode)
            shards[number % 10].write(example.SerializeToString())


def create_tf_example(tf, image: dict, annotations: list[dict], folder: Path, categories: dict, decode: bool):
    height, width, name = image["height"], image["width"], image["file_name"]
    with tf.io.gfile.GFile(os.path.join(folder, name), "rb") as file:
        encoded = file.read()
    picture = Image.open(io.BytesIO(encoded))
    if decode:
        picture.load()
    key = hashlib.sha256(encoded).hexdigest()
    xmin, xmax, ymin, ymax, crowd, names, area = lists(annotations, width, height, categories)

    def integers(*values):
        return tf.train.Feature(int64_list=tf.train.Int64List(value=values))

    def floats(values):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))

    def text(*values):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))

    features = {
        "image/height": integers(height),
        "image/width": integers(width),
        "image/filename": text(name.encode("utf8")),
        "image/source_id": text(str(image["id"]).encode("utf8")),
        "image/key/sha256": text(key.encode("utf8")),
        "image/encoded": text(encoded),
        "image/format": text(b"jpeg"),
        "image/object/bbox/xmin": floats(xmin),
        "image/object/bbox/xmax": floats(xmax),
        "image/object/bbox/ymin": floats(ymin),
        "image/object/bbox/ymax": floats(ymax),
        "image/object/class/text": text(*names),
        "image/object/is_crowd": integers(*crowd),
        "image/object/area": floats(area),
    }
    return tf.train.Example(features=tf.train.Features(feature=features))


def lists(annotations: list[dict], width: int, height: int, categories: dict) -> tuple[list, ...]:
    """xmin, xmax, ymin, ymax, crowd, names and areas, as the script gathers them."""
    xmin, xmax, ymin, ymax, crowd, names, area = ([] for _ in range(7))
    for annotation in annotations:
        (x, y, across, down) = tuple(annotation["bbox"])
        if across <= 0 or down <= 0:
            continue
        if x + across > width or y + down > height:
            continue
        category = int(annotation["category_id"])
        xmin.append(float(x) / width)
        xmax.append(float(x + across) / width)
        ymin.append(float(y) / height)
        ymax.append(float(y + down) / height)
        crowd.append(annotation["iscrowd"])
        names.append(categories[category]["name"].encode("utf8"))
        area.append(annotation["area"])
    return xmin, xmax, ymin, ymax, crowd, names, area


def ours(data: Path, out: Path, *, decode: bool = False) -> None:
    pixels = "decode" if decode else "trust"
    with contextlib.redirect_stdout(io.StringIO()):
        run(Config(data=str(data), records=out / "records", tables=out / "tables", pixels=pixels))


def alone(work, data: Path, warm: Path, decode: bool) -> tuple[float, float]:
    """Measures `seconds` in a separate process. It first converts the few images in `warm` to load the imports, and flushes
    earlier writes to disk."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        process.submit(seconds, work, warm, decode).result()
        os.sync()
        return process.submit(seconds, work, data, decode).result()


def seconds(work, data: Path, decode: bool) -> tuple[float, float]:
    """(wall-clock seconds, CPU seconds)."""
    with tempfile.TemporaryDirectory() as folder:
        started, used = time.perf_counter(), cpu_seconds()
        work(data, Path(folder) / "out", decode=decode)
        return time.perf_counter() - started, cpu_seconds() - used


def cpu_seconds() -> float:
    """CPU seconds of this process, of the fork server and of ended workers. Other load hardly affects them."""
    ticks = 0
    for pid in _descendants(os.getpid()):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_mib(data: Path) -> int:
    """Peak memory of the largest process of a separate run: the step's, or one of its workers'."""
    with tempfile.TemporaryDirectory() as out:
        flags = ["--data", data, "--records", f"{out}/records", "--tables", f"{out}/tables"]
        command = [Path(sys.executable).with_name("boxwright"), "convert", *map(str, flags)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        most = 0
        while process.poll() is None:
            most = max([most, *map(_resident_kib, _descendants(process.pid))])
            time.sleep(0.05)
    if process.returncode:
        raise RuntimeError(f"convert ended with {process.returncode}")
    return most // 1024


def _descendants(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *(found for child in children for found in _descendants(int(child)))]
    return []


def _resident_kib(pid: int) -> int:
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next((line.split()[1] for line in lines if line.startswith("VmHWM")), 0))
    return 0


def compare(data: Path, warm: Path, images: int, repeats: int, decode: bool, what: str = "") -> None:
    """Prints a line for the clock and one for the CPU."""
    taken: dict[str, list[tuple[float, float]]] = {"ours": [], "theirs": []}
    for _ in range(repeats):
        taken["theirs"].append(alone(plain_loop, data, warm, decode))
        taken["ours"].append(alone(ours, data, warm, decode))
    name = f"convert --pixels {'decode' if decode else 'trust'}{what}"
    clock, cpu = ({who: statistics.median(run[i] for run in runs) for who, runs in taken.items()} for i in (0, 1))
    speed = {who: round(images / value, 1) for who, value in clock.items()}
    show(name=name, **speed, unit="images/s", ratio=round(clock["theirs"] / clock["ours"], 3), n=images)
    cost = {who: round(1e6 * value / images) for who, value in cpu.items()}
    show(name=f"{name}, CPU", **cost, unit="us/image", ratio=round(cpu["theirs"] / cpu["ours"], 3), n=images)


@contextlib.contextmanager
def memory_at_hand(images: int):
    """Keeps as much memory as these images need, as files and as records, available to this machine until the end.

    A virtual machine returns free blocks to its host (free page reporting). Using such a block again takes four times as
    long. A few images reuse the memory of the previous run; many images cannot, so each seems to take longer. Holding one
    page of each block (1/512) keeps the block here.
    """
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable"))
    size = min(images * OF_IMAGE, available * 3 // 4) // BLOCK * BLOCK
    with mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_NOHUGEPAGE)
        for start in range(0, len(memory), PAGE):
            memory[start] = 1
        for start in range(0, len(memory), BLOCK):
            memory.madvise(mmap.MADV_DONTNEED, start + PAGE, BLOCK - PAGE)
        yield


def show(**values) -> None:
    print(json.dumps(values | {"load": round(os.getloadavg()[0], 2), "seed": SEED}), flush=True)


def main(images: int = 10_000, repeats: int = 3, more: int = 0) -> None:
    with memory_at_hand(max(images, more)), tempfile.TemporaryDirectory() as folder:
        small, data = make_data(Path(folder) / "small", WARM), make_data(Path(folder) / "all", images)
        for decode in (False, True):
            compare(data, small, images, repeats, decode)
        show(name="convert peak memory", peak=peak_mib(data), unit="MiB", n=images)
        large = make_data(Path(folder) / "large", images // 5, enlarged=2)
        for decode in (False, True):
            compare(large, small, images // 5, repeats, decode, ", 1280 x 960")
        if more:
            scaling(data, small, make_data(Path(folder) / "more", more), images, more)


def scaling(data: Path, small: Path, large: Path, images: int, more: int) -> None:
    """The ratio of the times for `more` and for fewer images, measured alternately, and the peak memory for `more`."""
    taken: dict[int, list[float]] = {images: [], more: []}
    for count, of in [(images, data), (more, large)] * 3:
        taken[count].append(alone(ours, of, small, True)[0])
    few, many = map(statistics.median, taken.values())
    show(name="convert scaling", few=round(few, 2), many=round(many, 2), unit="s", longer=round(many / few, 2), n=more)
    show(name="convert peak memory", peak=peak_mib(large), unit="MiB", n=more)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

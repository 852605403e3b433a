# environment: data
"""A worker that is killed, a disk that is full: an error that says so, nothing left behind, and the next run succeeds."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pooled
import pytest

from boxwright.convert.writing import local_workers, shard_file, shards, tf_examples, worker_failures
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError

OBJECT = (1, [4, 4, 20, 20])
PROGRAM = """
import sys, resource
from pathlib import Path
from boxwright.convert.step import Config, run
if __name__ == "__main__":
    data, out, limit = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    run(Config(data=data, records=out / "records", tables=out / "tables", workers=2, shards=4))
"""


@pytest.fixture
def few(coco):
    return coco({f"{n}.jpg": [OBJECT] for n in range(40)})


@pytest.mark.parametrize("limit", [300, 20_000], ids=["at the plan", "at a shard"])
def test_full_disk_leaves_nothing(few, convert, tmp_path, limit):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(UserError, match=r"--records .*the disk cannot hold them \(File too large\).*free space"):
            convert(few)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "out").iterdir()) == []
    assert len(convert(few).read()) == 40


@pytest.mark.slow
def test_full_disk_in_worker_processes(few, tmp_path):
    ended = _start(few, tmp_path, limit=20_000).communicate(timeout=120)
    assert "UserError" in ended[0] and "the disk cannot hold them (File too large)" in ended[0]
    assert list((tmp_path / "out").iterdir()) == []


def test_killed_worker_is_reported(tmp_path):
    with (
        pytest.raises(UserError, match=r"a worker process was killed.*re-run"),
        worker_failures.explained(tmp_path, tmp_path),
    ):
        list(local_workers.executor(1).map(pooled.killed, range(4)))


def _start(data: Path, tmp_path: Path, limit: int = 0) -> subprocess.Popen:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, "-P", str(program), str(data), str(tmp_path / "out"), str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def stopped(data: Path, out: Path, how: Callable[[subprocess.Popen], None]) -> tuple[int, str]:
    """(exit code, output) of a conversion that `how` ends while it writes shards. Checks that no process of it is left."""
    out.mkdir()
    with subprocess.Popen(command(data, out), stderr=subprocess.PIPE, text=True, start_new_session=True) as run:
        while run.poll() is None and not list(out.glob(".records.partial-*/*.outcome")):
            time.sleep(0.02)
        how(run)
        said = run.communicate(timeout=120)[1]
    late = time.monotonic() + 10
    while pool_of(run.pid) and time.monotonic() < late:
        time.sleep(0.1)
    assert pool_of(run.pid) == []
    return run.returncode, said


def command(data: Path, out: Path) -> list[str]:
    script = str(Path(sys.prefix) / "bin" / "boxwright")
    paths = {"--data": data, "--records": out / "records", "--tables": out / "tables"}
    return [script, "convert", *(str(word) for pair in paths.items() for word in pair), "--workers", "2"]


@pytest.fixture
def many(coco):
    return coco({f"{n:04d}.jpg": [OBJECT] for n in range(2000)})


@pytest.mark.slow
def test_conversion_survives_a_killed_worker(many, tmp_path):
    """The work of the killed process is done again, and no image is lost."""
    code, said = stopped(many, tmp_path / "out", lambda run: os.kill(pool_of(run.pid)[-1], signal.SIGKILL))
    assert (code, said) == (0, "")
    assert tfrecords.manifest(tmp_path / "out" / "records").quarantined.images == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "code"),
    [
        (lambda run: os.killpg(run.pid, signal.SIGINT), 130),  # as Ctrl-C does: the workers hear it, too
        (lambda run: run.terminate(), 143),  # as Docker and Kubernetes do
    ],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_stopped_conversion_leaves_nothing(how, code, many, tmp_path):
    assert stopped(many, tmp_path / "out", how) == (code, "")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_next_run_removes_what_a_killed_one_left(many, tmp_path):
    stopped(many, tmp_path / "out", lambda run: run.kill())
    assert list((tmp_path / "out").glob(".records.partial-*"))
    assert subprocess.run(command(many, tmp_path / "out"), capture_output=True).returncode == 0
    assert sorted(folder.name for folder in (tmp_path / "out").iterdir()) == ["records", "tables"]


def pool_of(session: int) -> list[int]:
    """The fork server of a process session and, after it, its workers, of Linux' /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) == session and b"forkserver" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return sorted(found)


@pytest.mark.slow
def test_same_bytes_with_any_number_of_workers(few, convert):
    one, two = convert(few, "one", workers=1), convert(few, "two", workers=2)
    assert one.manifest == two.manifest
    for file in sorted(one.records.iterdir()):
        assert file.read_bytes() == (two.records / file.name).read_bytes()


@pytest.mark.parametrize("objects", [0, 1, 3, 200], ids=lambda n: f"{n} objects")
def test_examples_equal_tensorflows_bytes(objects):
    example_pb2 = pytest.importorskip("tensorflow.core.example.example_pb2")
    entry = _entry(objects)
    data = b"".join(tf_examples.serialize(entry, b"jpeg" * 5000, "jpeg"))
    example = example_pb2.Example.FromString(data)
    assert example.SerializeToString(deterministic=True) == data
    features = example.features.feature
    assert list(features["image/object/class/label"].int64_list.value) == list(entry.class_ids)
    assert list(features["image/object/class/text"].bytes_list.value) == [n.encode() for n in entry.names]
    assert features["image/object/bbox/xmax"].float_list.value == pytest.approx([b[3] for b in entry.boxes_yxyx])
    assert features["image/width"].int64_list.value == [70_000]
    rest = tf_examples.all_but_image(data)
    assert tf_examples.count_objects(rest) == objects
    del features["image/encoded"]
    assert example.features.SerializeToString(deterministic=True) == rest


def test_refuses_foreign_examples():
    whole = b"".join(tf_examples.serialize(_entry(3), b"jpeg" * 100, "jpeg"))
    features = tf_examples.all_but_image(whole)
    for wrong in (whole[:-1], whole + b"x", whole[1:], features):
        with pytest.raises(ValueError, match="begins with its image"):
            tf_examples.all_but_image(wrong)
    labels = b"image/object/class/label"
    for cut in range(features.index(labels) + len(labels) + 6):  # there, the first of the labels begins
        with pytest.raises((ValueError, IndexError)):
            tf_examples.count_objects(features[:cut])


def test_tensorflow_reads_the_shards(tmp_path):
    tf = pytest.importorskip("tensorflow")
    texts = [b"", b"a", b"some more" * 1000]
    (tmp_path / "x.tfrecord").write_bytes(b"".join(part for text in texts for part in tfrecords.framed(text)))
    assert [t.numpy() for t in tf.data.TFRecordDataset(str(tmp_path / "x.tfrecord"))] == texts


def test_counts_what_is_in_the_file(tmp_path):
    file = tmp_path / tfrecords.shard_name("train", 0, 1)
    file.write_bytes(b"".join(tfrecords.framed(*tf_examples.serialize(_entry(3), b"x", "jpeg"))))
    outcome = shard_file._read_back(file, [])
    assert (outcome.records, outcome.objects) == (1, 3)
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(UserError, match="truncated"):
        shard_file._read_back(file, [])


def test_digest_depends_on_the_images(tmp_path):
    """It covers the SHA-256 of the images, not their bytes."""

    def digest(*encoded: bytes) -> str:
        file = tmp_path / "x.tfrecord"
        framed = (tfrecords.framed(*tf_examples.serialize(_entry(3), one, "jpeg")) for one in encoded)
        file.write_bytes(b"".join(part for parts in framed for part in parts))
        return shard_file._read_back(file, []).digest

    assert digest(b"aa", b"b") == digest(b"aa", b"b")
    assert len({digest(b"aa", b"b"), digest(b"ab", b"b"), digest(b"b", b"aa"), digest(b"aa"), digest(b"aab")}) == 5


def _entry(objects: int) -> Entry:
    random = np.random.default_rng(objects)
    boxes = tuple(map(tuple, random.random((objects, 4)).tolist()))
    ids = tuple(random.integers(1, 400, objects).tolist())
    difficult, truncated, crowd = (tuple(n % every == 0 for n in range(objects)) for every in (2, 3, 5))
    names = tuple(f"class {i}" for i in ids)
    return Entry("a.jpg", True, False, "ä.jpg", 7, 300, 70_000, names, ids, boxes, difficult, truncated, crowd)


def test_trust_stores_whole_jpegs_without_decoding(coco, convert):
    data = coco({"a.jpg": [OBJECT], "b.jpg": [OBJECT], "cut.jpg": [OBJECT], "d.png": [OBJECT]})
    cut = data / "images" / "cut.jpg"
    cut.write_bytes(cut.read_bytes()[:-200])
    out = convert(data, pixels="trust")
    assert out.reasons("images/cut.jpg") == [(None, "truncated"), (0, "image_rejected")]
    assert out.read()["images/a.jpg"].encoded == (data / "images" / "a.jpg").read_bytes()
    import pandas as pd

    images = pd.read_parquet(out.tables / "images.parquet").set_index("filename")
    names = ["brightness", "contrast", "sharpness", "dhash"]
    assert images.loc[[n for n in images.index if n.endswith(".jpg")], names].isna().all(axis=None)
    assert images.loc[[n for n in images.index if n.endswith(".png")], names].notna().all(axis=None)


@pytest.mark.parametrize(
    ("options", "here", "bucket"),
    [
        ("", True, ""),
        ("--temp_location gs://b/tmp", True, ""),
        ("--runner PortableRunner --environment_type LOOPBACK", False, ""),
        ("--runner PortableRunner --environment_type LOOPBACK --temp_location gs://b/tmp", False, "gs://b/tmp"),
        ("--runner PortableRunner --environment_type LOOPBACK --temp_location /mnt/tmp", False, ""),
    ],
)
def test_beam_options_choose_runner_and_bucket(options, here, bucket):
    runner = shards.build_runner(options)
    assert (runner.here, runner.bucket) == (here, bucket)

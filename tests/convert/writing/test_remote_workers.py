# environment: data
"""Plans and shards through a bucket, without a runner: workers write what this machine would write, or nothing."""

from typing import Any

import pytest

from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import remote_workers, shard_file, shard_messages, worker_failures
from boxwright.convert.writing.pixels import Stored
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch, upload

NAME = "train-00000-of-00001.tfrecord"


def entry(file, number, seen=None) -> Entry:
    columns: dict[str, Any] = {"names": ("cat",), "class_ids": (1,), "boxes_yxyx": ((0.1, 0.2, 0.3, 0.4),)}
    flags: dict[str, Any] = {"difficult": (False,), "truncated": (False,), "crowd": (False,)}
    frame: dict[str, Any] = {
        "plain": True,
        "upright": False,
        "filename": f"{number}.jpg",
        "image_id": number,
        "height": 48,
        "width": 64,
    }
    return Entry(file=str(file), seen=seen, **frame, **columns, **flags)


@pytest.fixture
def entries(bucket, picture, tmp_path):
    """Two images of the bucket, one of this machine, one that is missing, one that is known to be damaged."""
    for name in ("a.jpg", "b.jpg"):
        bucket.put(f"data/{name}", picture(tmp_path / name).read_bytes())
    copies = fetch.folder("gs://archive/data")
    files = [copies / "a.jpg", copies / "b.jpg", picture(tmp_path / "c.jpg"), tmp_path / "none.jpg"]
    damaged = entry(tmp_path / "d.jpg", 4, Fault("truncated"))
    return [*(entry(file.resolve(), number) for number, file in enumerate(files)), damaged]


def written(folder):
    outcome = shard_file.outcome_file(folder, NAME)
    return (folder / NAME).read_bytes(), shard_messages.decode_outcome(outcome.read_bytes(), outcome)


def test_remote_worker_writes_the_same_bytes(bucket, entries, tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    shard_file.write_plan(here, NAME, entries)
    shard_file.write(here, "decode", NAME)
    with remote_workers.open_passage("gs://archive/tmp/", "gs://archive/data") as passage:
        passage.send_plan(NAME, entries)
        bucket.asked.clear()
        remote_workers.write(passage.uri, "decode", NAME)
        read = bucket.times("read")
        remote_workers.write(passage.uri, "decode", NAME)  # runners repeat a shard when a worker dies
        passage.receive(NAME, there)
    assert written(there) == written(here)
    kinds = [type(image) for image in written(there)[1].images]
    assert kinds == [Stored, Stored, Stored, Fault, Fault]
    assert {"data/a.jpg", "data/b.jpg"} <= set(read)
    assert sorted(file.name for file in there.iterdir()) == [NAME, f"{NAME}.outcome"]
    assert set(bucket.listed()) == {"data/a.jpg", "data/b.jpg"}


def test_refuses_an_image_replaced_meanwhile(bucket, entries):
    """The plan was made for other pixels."""
    with remote_workers.open_passage("gs://archive/tmp", "gs://archive/data") as passage:
        passage.send_plan(NAME, entries)
        bucket.put("data/a.jpg", b"another picture")
        with pytest.raises(UserError, match=r"data/a\.jpg was replaced or deleted"):
            remote_workers.write(passage.uri, "decode", NAME)
    assert set(bucket.listed()) == {"data/a.jpg", "data/b.jpg"}


def test_foreign_plan_and_outcome_run_no_code(bucket, entries, tmp_path):
    """Anyone with write access to the bucket can change its files. They are read as data only."""
    proof = tmp_path / "proof"
    evil = b"cos\nsystem\n(S'touch " + str(proof).encode() + b"'\ntR."  # a pickle that runs a command
    with remote_workers.open_passage("gs://archive/tmp", "gs://archive/data") as passage:
        (tmp_path / "given").mkdir()
        (tmp_path / "given" / "plan.json").write_bytes(evil)
        upload.publish(tmp_path / "given", f"{passage.uri}/{NAME}/given")
        with pytest.raises(UserError, match=r"given: this is not the plan of a shard .*run convert again"):
            remote_workers.write(passage.uri, "decode", NAME)
    (tmp_path / f"{NAME}.outcome").write_bytes(evil)
    with pytest.raises(UserError, match="this is not the outcome of a shard"):
        shard_file.take_outcome(tmp_path, NAME)
    assert not proof.exists()


@pytest.mark.parametrize("fault", ["corrupt", "silent", "cut", "drop", 503])
def test_same_bytes_over_a_bad_connection(bucket, entries, tmp_path, fault):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    shard_file.write_plan(here, NAME, entries)
    shard_file.write(here, "decode", NAME)
    with remote_workers.open_passage("gs://archive/tmp", "gs://archive/data") as passage:
        passage.send_plan(NAME, entries)
        bucket.faults["read", "data/b.jpg"] = [fault]
        try:
            remote_workers.write(passage.uri, "decode", NAME)
        except UserError:  # what arrived was not right; the runner tries again
            remote_workers.write(passage.uri, "decode", NAME)
        passage.receive(NAME, there)
    assert written(there) == written(here)


def test_warns_when_the_passage_cannot_be_deleted(bucket, entries, capsys):
    with remote_workers.open_passage("gs://archive/tmp", "gs://archive/data") as passage:
        passage.send_plan(NAME, entries)
        bucket.faults["list", ""] = [403] * 3
    assert "warning: gs://archive/tmp/boxwright-" in capsys.readouterr().err


def test_reports_the_workers_error(tmp_path):
    """The error is the last line of a runner's traceback, without the pipeline step that Beam appends."""
    raised = "boxwright.core.runtime.errors.UserError: gs://a/b.jpg: there is no such object [while running 'Write']"
    text = f"Traceback ...\n{raised}\n"
    told = r"a worker of the runner reports: gs://a/b\.jpg: there is no such object; nothing was left"
    with pytest.raises(UserError, match=told), worker_failures.explained(tmp_path, tmp_path):
        raise RuntimeError(text)

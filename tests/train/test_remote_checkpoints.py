# environment: train
"""The last two checkpoints of a training in a bucket or a folder: complete or absent, and never those of another training."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from boxwright.core.od_api import tf
from boxwright.core.runtime.errors import Unreachable, UserError
from boxwright.train import remote_checkpoints, workspace
from boxwright.train.loop.checkpointing import TrainingCheckpoints
from boxwright.train.loop.history import RunningHistory

MADE_FROM = {"records": "a", "recipe": "b"}
NAME = workspace.name(MADE_FROM)


@pytest.fixture(params=["gs", "s3", "folder"])
def given(request, tmp_path):
    """The value of `--checkpoints`."""
    if request.param == "folder":
        (tmp_path / "volume").mkdir()
        return str(tmp_path / "volume")
    request.getfixturevalue(f"{request.param}_bucket")
    return f"{request.param}://archive/ck"


@pytest.fixture
def remote(given):
    return opened(given)


def opened(given: str, made_from: dict[str, str] = MADE_FROM) -> Any:
    return remote_checkpoints.opened(given, workspace.name(made_from), made_from)


def state(folder: Path, step: int) -> TrainingCheckpoints:
    """A training with one weight. The weight is the number of the step."""
    folder.mkdir(exist_ok=True)
    model: Any = tf.Module()
    model.weight = tf.Variable(tf.constant(float(step)))
    return TrainingCheckpoints(
        folder, model, tf.keras.optimizers.legacy.SGD(), tf.Variable(tf.constant(step, tf.int64))
    )


def store(remote: Any, folder: Path, *steps: int) -> None:
    for step in steps:
        shutil.rmtree(folder, ignore_errors=True)
        state(folder, step).save(RunningHistory())
        assert remote.store(step, folder, now=True)


def restored(remote: Any, folder: Path) -> int:
    """The step that a new pod would start at."""
    folder.mkdir()
    remote.restore(folder)
    checkpoints = state(folder, 0)
    if checkpoints.history:
        checkpoints.resume()
    weight: Any = checkpoints.model.model
    assert float(weight.weight) == int(checkpoints.step)
    return int(checkpoints.step)


def change(remote: Any, fixture: Any, name: str, end: str, content: bytes | None) -> None:
    """Replaces the file of a checkpoint whose name has this end, or deletes it."""
    scheme, _, in_bucket = remote.place.where.partition("://")
    if in_bucket:
        bucket = fixture(f"{scheme}_bucket")
        (file,) = [one for one in bucket.listed() if f"/{name}/" in one and one.endswith(end)]
        bucket.delete(file) if content is None else bucket.put(file, content)
    else:
        (file,) = [one for one in Path(remote.place.where, name).rglob("*") if str(one).endswith(end)]
        file.unlink() if content is None else file.write_bytes(content)


def test_the_last_two_are_kept(remote, tmp_path):
    store(remote, tmp_path / "pod", 50, 100, 150)
    assert remote.place.numbers() == ["00000100", "00000150"]
    assert restored(remote, tmp_path / "other") == 150


def test_an_empty_place_gives_nothing(remote, tmp_path):
    assert restored(remote, tmp_path / "pod") == 0


def test_what_this_machine_saved_comes_first(remote, tmp_path):
    store(remote, tmp_path / "pod", 50)
    state(tmp_path / "pod", 70).save(RunningHistory())
    remote.restore(tmp_path / "pod")
    assert (tmp_path / "pod" / "history.json").exists() and state(tmp_path / "pod", 0).history is not None
    checkpoints = state(tmp_path / "pod", 0)
    checkpoints.resume()
    assert int(checkpoints.step) == 70


@pytest.mark.parametrize(
    ("end", "content"),
    [
        (".data-00000-of-00001", b"damaged"),
        (".data-00000-of-00001", None),
        ("history.json", b"{}"),
        ("json", None),
        ("json", b"[" * 100_000),
    ],
)
def test_a_damaged_one_gives_way_to_the_one_before(remote, request, tmp_path, capsys, end, content):
    """It is left as it is. The last two cases are about the list of files of the checkpoint."""
    store(remote, tmp_path / "pod", 50, 100)
    listed = "boxwright-publication.json" if "://" in remote.place.where else "digests.json"
    ending = listed if end == "json" else end
    change(remote, request.getfixturevalue, "00000100", ending, content)
    assert restored(remote, tmp_path / "other") == 50
    shown = capsys.readouterr().err
    assert ("the checkpoint before it is used" in shown) or "00000100" not in remote.place.numbers()
    store(remote, tmp_path / "pod", 100)
    assert restored(remote, tmp_path / "third") == 100


def test_a_half_uploaded_one_is_not_used(bucket, tmp_path):
    """The pod dies before the marker is written."""
    remote = opened("gs://archive/ck")
    store(remote, tmp_path / "pod", 50)
    before = set(bucket.listed())
    store(remote, tmp_path / "pod", 100)
    (marker,) = [name for name in set(bucket.listed()) - before if name.endswith("publication.json")]
    empty = json.dumps({"boxwright_publication": 1, "digest": "", "files": {}, "single": False})
    for content in (empty.encode(), None):
        bucket.put(marker, content) if content else bucket.delete(marker)
        assert restored(remote, tmp_path / str(bool(content))) == 50


def test_other_trainings_are_left_alone(given, remote, tmp_path, capsys):
    store(remote, tmp_path / "pod", 50)
    other = opened(given, {**MADE_FROM, "recipe": "c"})
    assert "1 with other records, recipe, weights, code or devices have files in" in capsys.readouterr().out
    assert restored(other, tmp_path / "other") == 0
    store(other, tmp_path / "pod", 60, 70, 80)
    assert other.place.numbers() == ["00000070", "00000080"] and remote.place.numbers() == ["00000050"]


def test_equal_trainings_share_a_place(given, remote, tmp_path):
    """One is ahead. Neither removes what the other would resume from."""
    slower = opened(given)
    store(remote, tmp_path / "one", 50, 100)
    store(slower, tmp_path / "two", 20, 30)
    assert restored(slower, tmp_path / "three") == 100
    store(remote, tmp_path / "one", 150)
    assert restored(slower, tmp_path / "four") == 150


def test_an_outage_is_counted_and_training_goes_on(bucket, monkeypatch, tmp_path, capsys):
    remote = opened("gs://archive/ck")
    store(remote, tmp_path / "pod", 50)
    monkeypatch.setattr(remote_checkpoints, "_PATIENCE", 0.1)
    with monkeypatch.context() as outage:
        outage.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
        assert not remote.store(60, tmp_path / "pod", now=True)
        with pytest.raises(Unreachable):
            opened("gs://archive/ck")
    assert remote.failures == 1
    assert "the checkpoint of step 60 is not stored: gs://archive/ck" in capsys.readouterr().err
    store(remote, tmp_path / "pod", 70)
    assert remote.failures == 1 and remote.place.numbers() == ["00000050", "00000070"]


def test_a_lost_volume_is_counted_too(tmp_path, capsys):
    (tmp_path / "volume").mkdir()
    remote = opened(str(tmp_path / "volume"))
    state(tmp_path / "pod", 50).save(RunningHistory())
    shutil.rmtree(tmp_path / "volume")
    (tmp_path / "volume").touch()
    assert not remote.store(50, tmp_path / "pod", now=True) and remote.failures == 1
    assert "is not stored" in capsys.readouterr().err


def test_storing_takes_its_share_of_the_time(remote, tmp_path):
    store(remote, tmp_path / "pod", 50)
    assert not remote.store(100, tmp_path / "pod", now=False)
    assert remote.place.numbers() == ["00000050"] and remote.failures == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [("ftp://host/ck", "--checkpoints ftp://host/ck: expected"), ("missing", "this folder does not exist; mount its"),
     ("gs://archive-2/ck", "there is no such bucket"), ("gs://", "not a valid bucket name")],
)  # fmt: skip
def test_an_impossible_place_is_refused(bucket, given, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message):
        opened(given)
    assert os.listdir(tmp_path) in ([], ["cache"])


def test_a_state_of_another_network_is_refused(tmp_path):
    """Only somebody else who can write at the place can have put it there."""
    state(tmp_path, 50).save(RunningHistory())
    model: Any = tf.Module()
    model.other = tf.Variable(tf.constant([1.0, 2.0]))
    checkpoints = TrainingCheckpoints(
        tmp_path, model, tf.keras.optimizers.legacy.SGD(), tf.Variable(tf.constant(0, tf.int64))
    )
    with pytest.raises(UserError, match="does not fit this training"):
        checkpoints.resume()


def test_the_pod_says_that_its_state_is_lost_with_it(tmp_path, monkeypatch, capsys):
    for host, warns, said in (("", True, False), ("10.0.0.1", True, True), ("10.0.0.1", False, False)):
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host) if host else None
        workspace.make("", tmp_path / "model", NAME, warns=warns)
        assert ("if the pod is lost, training begins anew" in capsys.readouterr().err) == said

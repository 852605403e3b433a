# environment: data
"""The distributed path: a job service with workers in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.demo import generator

BIN = Path(sys.prefix) / "bin"


@pytest.fixture
def service(tmp_path) -> Iterator[dict[str, str]]:
    """Where the job service and its pool of workers listen. Both end with the test."""
    command = [sys.executable, "-P", str(Path(__file__).parents[2] / "support" / "job_service.py")]
    # The pool starts its workers as `python`.
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    with (tmp_path / "service.log").open("w") as log:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        process = subprocess.Popen(command, env=environment, text=True, **pipes)
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline()) | {"log": str(tmp_path / "service.log")}
    finally:
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--runner=PortableRunner --job_endpoint=localhost:1 --environment_type=LOOPBACK --job_server_timeout=1",
         r"--beam-options: the runner's job service cannot be reached.*nothing was left behind"),
        ("--runner=PortableRunner --environment_type=EXTERNAL", "Beam refuses them: .*external_service_address is required"),
        ("--runner=Flunk", "Beam refuses them: Unexpected pipeline runner: Flunk"),
        ("--runner 'Flink", "Beam refuses them: No closing quotation"),
    ],
)  # fmt: skip
def test_refuses_wrong_runners(coco, convert, tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        convert(coco({"a.jpg": [(1, [4, 4, 20, 20])]}), beam_options=options)
    assert not list(tmp_path.glob("out/*"))


def written(out) -> dict[str, bytes]:
    """Every file that the step wrote."""
    return {f.name: f.read_bytes() for folder in (out.records, out.tables) for f in folder.iterdir()}


def options(service: dict[str, str], *more: str) -> str:
    runner = f"--runner=PortableRunner --job_endpoint={service['job']} --environment_type=EXTERNAL"
    return " ".join([runner, f"--environment_config={service['workers']}", *more])


@pytest.mark.slow
def test_same_bytes_from_a_job_service(service, convert, tmp_path):
    generator.generate(tmp_path / "data", 12, 0)
    here = convert(tmp_path / "data", "here", shards=2)
    there = convert(tmp_path / "data", "there", shards=2, beam_options=options(service))
    assert len(list(here.records.glob("*.tfrecord"))) == 6
    assert written(there) == written(here)
    assert Path(service["log"]).read_text().count("Starting worker with command") >= 2


@pytest.mark.slow
def test_same_bytes_through_a_bucket(bucket, service, convert, tmp_path):
    """The workers share no disk with this machine. Images are in the bucket, or are copied there; nothing is left behind."""
    generator.generate(tmp_path / "data", 12, 0)
    for file in (f for f in (tmp_path / "data").rglob("*") if f.is_file()):
        bucket.put(f"parts/{file.relative_to(tmp_path / 'data')}", file.read_bytes())
    here = written(convert("gs://archive/parts", "here", shards=1))
    held = bucket.listed().keys()
    for data, sent in (("gs://archive/parts", 0), (str(tmp_path / "data"), 12)):
        bucket.asked.clear()
        there = convert(
            data, f"there{sent}", shards=1, beam_options=options(service, "--temp_location=gs://archive/tmp")
        )
        assert there.manifest["digest"] == json.loads(here["dataset.json"])["digest"]
        assert written(there) | {"dataset.json": b""} == here | {"dataset.json": b""}
        passed = [name for name in bucket.times("send") if "/given/" in name and not name.endswith(".json")]
        assert len(passed) == sent
        assert bucket.listed().keys() == held

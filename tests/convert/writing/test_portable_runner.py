# environment: data
"""The distributed path: a job service and workers in processes of their own, which share nothing but the folders."""

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
SECONDS = 300  # a runner that hangs must not hold up the tests


@pytest.fixture
def service(tmp_path) -> Iterator[dict[str, str]]:
    """Where the job service and its pool of workers listen; both end with the test."""
    command = [sys.executable, "-P", str(Path(__file__).parents[2] / "support" / "job_service.py")]
    # The pool starts its workers as `python`.
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    with (tmp_path / "service.log").open("w") as log:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        process = subprocess.Popen(command, env=environment, text=True, **pipes)
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
def test_a_runner_that_is_not_there(coco, convert, tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        convert(coco({"a.jpg": [(1, [4, 4, 20, 20])]}), beam_options=options)
    assert not list(tmp_path.glob("out/*"))


def command(data: Path | str, out: Path, *flags: str) -> dict[str, bytes]:
    """Every file that the step wrote."""
    folders = ["--records", str(out / "records"), "--tables", str(out / "tables")]
    line = [str(BIN / "boxwright"), "convert", "--data", str(data), *folders, *flags]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=SECONDS)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return {str(file.relative_to(out)): file.read_bytes() for file in sorted(out.rglob("*")) if file.is_file()}


@pytest.mark.slow
def test_workers_elsewhere_write_the_same_bytes(service, tmp_path):
    generator.generate(tmp_path / "data", 40, 0)
    here = command(tmp_path / "data", tmp_path / "here", "--shards", "4")
    options = f"--runner=PortableRunner --job_endpoint={service['job']} --environment_type=EXTERNAL"
    options += f" --environment_config={service['workers']}"
    there = command(tmp_path / "data", tmp_path / "there", "--shards", "4", f"--beam-options={options}")
    assert sum(name.endswith(".tfrecord") for name in here) == 12
    assert there == here
    assert Path(service["log"]).read_text().count("Starting worker with command") == 2


@pytest.mark.slow
def test_workers_that_share_no_disk_write_the_same_bytes(bucket, service, tmp_path):
    """Plans and shards pass through the bucket, images come from it; nothing of it is left there. Then the same of local images,
    which are sent along."""
    generator.generate(tmp_path / "data", 40, 0)
    files = {str(f.relative_to(tmp_path / "data")): f for f in (tmp_path / "data").rglob("*") if f.is_file()}
    for name, file in files.items():
        bucket.put(f"parts/{name}", file.read_bytes())
    here = command("gs://archive/parts", tmp_path / "here", "--shards", "2")
    options = f"--runner=PortableRunner --job_endpoint={service['job']} --environment_type=EXTERNAL"
    options += f" --environment_config={service['workers']} --temp_location=gs://archive/tmp"
    held = bucket.listed().keys()
    for data in ("gs://archive/parts", str(tmp_path / "data")):
        bucket.asked.clear()
        out = tmp_path / Path(data).name / "there"
        there = command(data, out, "--shards", "2", f"--beam-options={options}")
        assert {n: b for n, b in there.items() if n != "records/dataset.json"} == {
            n: b for n, b in here.items() if n != "records/dataset.json"
        }
        assert json.loads(there["records/dataset.json"])["digest"] == json.loads(here["records/dataset.json"])["digest"]
        sent = [name for name in bucket.times("send") if "/given/" in name and not name.endswith(".json")]
        assert len(sent) == (0 if data.startswith("gs://") else 40), sent[:3]
        assert bucket.listed().keys() == held

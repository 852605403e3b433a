# environment: authoring
"""What a step can reach when `boxwright run --engine docker` runs it in a container."""

import json
import os
import subprocess

import pytest
from local_runs import with_defaults

from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError
from boxwright.local import docker_engine, inputs

ZOO = "https://zoo.example/ssd.tar.gz"


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ("boxwright convert --data /data --beam-options  --workers 2", False),
        ("boxwright convert --data /data --init autobahn", False),
        ("boxwright train --records /records --init none", False),
        ("boxwright train --records /records --init /weights/model.npz", False),
        (f"boxwright train --records /records --init {ZOO}", True),
        ("boxwright diagnose --records /records --init auto", True),
        ("boxwright convert --data gs://bucket/images", True),
        ("boxwright convert --data /data --beam-options --runner=DaskRunner", True),
    ],
)
def test_network_only_for_what_is_remote(command, needed):
    assert docker_engine.needs_network(command.split(" ")) is needed


def test_only_named_files_are_mounted(tmp_path):
    """Beside them there may be a key or other people's data."""
    for name in ("key.json", "pipeline.config", "model.npz", "ckpt.index", "ckpt.data-00000-of-00001", "data/a.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    config, weights, prefix = (str(tmp_path / name) for name in ("pipeline.config", "model.npz", "ckpt"))
    read = inputs.paths_read(str(tmp_path / "data"), config, weights, prefix, "auto", "", "none")
    named = ["data", "pipeline.config", "model.npz", "ckpt.data-00000-of-00001", "ckpt.index"]
    assert [path.name for path in read] == named


def test_a_folder_of_weights_is_mounted_without_its_parent(tmp_path):
    (tmp_path / "runs" / "model").mkdir(parents=True)
    read = inputs.paths_read(str(tmp_path / "runs"), str(tmp_path / "runs" / "model"))
    assert read == [tmp_path / "runs", tmp_path / "runs" / "model"]


def test_links_out_of_the_data_need_the_host(data):
    run = with_defaults("finetune", "out", engine="docker", data=str(data), follow_links=True)
    with pytest.raises(UserError, match="--follow-links does not work with --engine docker"):
        inputs.check(run)


# Prints what a process in the container has and can do.
PROBE = """
import json, os
def can(action, *arguments):
    try:
        action(*arguments)
    except OSError:
        return False
    return True
status = dict(line.split(":\\t") for line in open("/proc/self/status").read().splitlines())
print(json.dumps({
    "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
    "no_new_privileges": status["NoNewPrivs"],
    "user": os.getuid(),
    "networks": os.listdir("/sys/class/net"),
    "beside": sorted(os.listdir("BESIDE")),
    "writes_input": can(open, "BESIDE/model.npz", "a"),
    "writes_root": can(open, "/opt/planted", "w"),
    "writes_tmp": can(open, "/tmp/new", "w"),
    "writes_out": can(open, "new", "w"),
}))
"""


@pytest.fixture
def probed(tmp_path, engine, capfd):
    """Runs the probe in a container, in a folder of files that Python would otherwise import."""
    out, beside = tmp_path / "out", tmp_path / "beside"
    for folder, name in ((beside, "model.npz"), (beside, "key.json"), (out, "json.py"), (out, "sitecustomize.py")):
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("print('imported')")

    def start(*more: str) -> dict:
        command = ["python", "-c", PROBE.replace("BESIDE", str(beside)), *more]
        image = environments.image("edge")
        code = docker_engine.start(image, command, out, [beside / "model.npz"], {}, tmp_path / "log")
        assert code == 0, (tmp_path / "log").read_text()
        return json.loads(capfd.readouterr().out)

    return start


@pytest.mark.docker
def test_a_container_has_no_rights(probed):
    assert probed() == {
        "capabilities": 0,
        "no_new_privileges": "1",
        "user": os.getuid(),
        "networks": ["lo"],
        "beside": ["model.npz"],
        "writes_input": False,
        "writes_root": False,
        "writes_tmp": True,
        "writes_out": True,
    }


@pytest.mark.docker
def test_a_container_has_a_network_for_an_address(probed):
    assert set(probed("--init", ZOO)["networks"]) > {"lo"}


@pytest.mark.docker
def test_memory_and_threads_are_limited(engine):
    with docker_engine.engine() as docker:
        total = docker.info()["MemTotal"]
        limits = docker_engine.confinement(total, network=False)
        container = docker.containers.create(environments.image("edge"), ["true"], **limits)
        try:
            host = container.attrs["HostConfig"]
        finally:
            container.remove(force=True)
    assert 0 < host["Memory"] == host["MemorySwap"] < total and host["PidsLimit"] == docker_engine.MOST_THREADS


@pytest.mark.docker
@pytest.mark.parametrize("name", sorted(set(environments.STEPS.values())))
def test_images_import_nothing_from_the_folder_or_the_home(name, engine, tmp_path):
    """/tmp is the home folder in the images, and every user can write there."""
    (tmp_path / "json.py").write_text("print('imported')")
    (tmp_path / "sitecustomize.py").write_text("print('imported')")
    site = "/tmp/.local/lib/python3.11/site-packages"
    script = f"mkdir -p {site}; echo 'print(\"imported\")' > {site}/usercustomize.py\n"
    script += "boxwright --version; python -c 'import json'; python3 -m json.tool --help; PYTHONPATH=: boxwright --help"
    mounted = ["-v", f"{tmp_path}:/data", "-w", "/data", "--network", "none"]
    command = ["docker", "run", "--rm", *mounted, environments.image(name), "sh", "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "usage: boxwright" in said and "imported" not in said

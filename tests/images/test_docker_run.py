# environment: authoring
"""Every step with `docker run` on a folder of the calling user, compared with the same steps on the host."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from boxwright.core.runtime import environments

pytestmark = [pytest.mark.docker, pytest.mark.slow]

# Relative to the working folder. The recipe is shortened after diagnose, so that training takes seconds.
COMMANDS = """
convert --data data
validate --records records --tables tables
diagnose --records records --tables tables --anomalies anomalies --steps 8 --batch-size 2 --init none
augment --records records --recipe recipe.yaml --findings findings.json
train --records records --recipe final_recipe.yaml --init none
export --model model --records records --calibration-images 8
evaluate --model model --records records
evaluate --model tflite --variant int8 --records records --evaluation evaluation_int8
edgetpu --tflite tflite
report --records records --anomalies anomalies --findings findings.json --recipe final_recipe.yaml --model model \
--evaluation-float evaluation --evaluation-int8 evaluation_int8 --tflite tflite --edgetpu edgetpu
""".strip().splitlines()
# Not root, who may do anything. No user of this machine has this id.
USER = 12345


def docker(folder: Path, *command: str, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    image = environments.image(environments.STEPS[command[0]])
    user = f"{folder.stat().st_uid}:{folder.stat().st_gid}"
    mounted = ["--user", user, "-v", f"{folder}:/data", "-w", "/data", *flags]
    return subprocess.run(
        ["docker", "run", "--rm", *mounted, image, "boxwright", *command], capture_output=True, text=True
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory, engine) -> dict[str, Path]:
    """`host` and `docker`: the same generated images, and the outputs of the steps."""
    top = tmp_path_factory.mktemp("images")
    python = environments.home() / "data" / "bin" / "python"
    for name in ("host", "docker"):
        flags = ["--out", top / name / "data", "--images", "24", "--seed", "0"]
        subprocess.run([python, "-P", "-m", "boxwright.demo.generator", *flags], check=True, capture_output=True)
    for folder in [top / "docker", *(top / "docker").rglob("*")]:
        os.chown(folder, USER, USER)
    script = Path(sys.prefix) / "bin" / "boxwright"
    for command in map(str.split, COMMANDS):
        done = subprocess.run([script, *command], cwd=top / "host", capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        done = docker(top / "docker", *command, flags=("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL"))
        assert done.returncode == 0, done.stdout + done.stderr
    return {"host": top / "host", "docker": top / "docker"}


def files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}


@pytest.mark.parametrize("made", ["records", "tables"])
def test_records_and_tables_have_same_bytes(folders, made):
    host, container = files(folders["host"] / made), files(folders["docker"] / made)
    assert host and host == container


@pytest.mark.parametrize("made", ["findings.json", "recipe.yaml", "final_recipe.yaml"])
def test_findings_and_recipes_have_same_numbers(folders, made):
    host, container = (yaml.safe_load((folders[name] / made).read_text()) for name in ("host", "docker"))
    assert flat(container) == pytest.approx(flat(host), abs=1e-6)


def flat(value, key: str = "") -> dict:
    """Leaf values by path, because pytest.approx compares flat dictionaries."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        return {key: value}
    return {k: v for name, one in items for k, v in flat(one, f"{key}/{name}").items()}


def test_training_has_same_losses(folders):
    """Eight steps from the same weights and batches. Only rounding by another order of summation may differ."""
    losses = {}
    for name, folder in folders.items():
        history = json.loads((folder / "model" / "history.json").read_text())
        losses[name] = flat(history["steps"])
    numbers = {key: value for key, value in losses["host"].items() if key.endswith(("/step", "loss", "rate"))}
    assert numbers and {key: losses["docker"][key] for key in numbers} == pytest.approx(numbers, rel=1e-3)


def test_outputs_belong_to_the_caller(folders):
    assert {f.stat().st_uid for f in folders["docker"].rglob("*")} == {USER}


def test_summary_has_a_verdict(folders):
    assert json.loads((folders["docker"] / "summary.json").read_text())["verdict"] in ("good", "held_back", "poor")


def test_user_error_has_no_traceback(folders):
    done = docker(folders["docker"], "train", "--records", "nowhere", "--recipe", "recipe.yaml")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "error: boxwright train: " in done.stderr and "nowhere" in done.stderr


@pytest.mark.parametrize("name", sorted(set(environments.STEPS.values())))
class TestImage:
    def test_no_build_or_test_tools_and_no_demo(self, engine, name):
        probe = "for p in cc gcc g++ c++ ld make uv pytest; do command -v $p; done; id -u; "
        probe += "python -c 'import boxwright.demo' 2>&1 | grep -o ModuleNotFoundError"
        done = subprocess.run(
            ["docker", "run", "--rm", environments.image(name), "sh", "-c", probe], capture_output=True, text=True
        )
        assert done.stdout.split() == ["65532", "ModuleNotFoundError"]

    def test_labels(self, engine, name):
        image = environments.image(name)
        [config] = json.loads(subprocess.check_output(["docker", "image", "inspect", image]))
        labels = config["Config"]["Labels"]
        assert labels["dev.boxwright.source-digest"] == environments.source_digest(name)
        assert image.endswith(f":{labels['org.opencontainers.image.version']}-{environments.source_digest(name)}")
        assert f"BOXWRIGHT_IMAGE={image}" in config["Config"]["Env"]

# environment: authoring
"""The command line in another Python than that of an environment: the user's own, which has none of our libraries."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from source_code import ROOT

from boxwright.core.runtime import environments

OTHER_ENVIRONMENT = environments.home() / "data" / "bin" / "boxwright"
# Imports what a plain installation imports, and nothing of this environment.
BARE = [sys.executable, "-I", "-S", "-c"]
PROGRAM = (
    "import sys; sys.path.append({components!r}); sys.argv[1:] = {words!r}; from boxwright.cli import main; main()"
)
LIBRARIES = "import sys; sys.path.append({components!r}); import boxwright.cli; print(*sys.modules)"


def bare(*words: str, **variables: str) -> subprocess.CompletedProcess:
    program = PROGRAM.format(components=str(ROOT / "components"), words=words)
    environment = os.environ | variables
    return subprocess.run([*BARE, program], env=environment, capture_output=True, text=True, timeout=120)


def test_the_command_line_imports_the_standard_library_only():
    program = LIBRARIES.format(components=str(ROOT / "components"))
    ended = subprocess.run([*BARE, program], capture_output=True, text=True, check=True)
    names = {name.partition(".")[0] for name in ended.stdout.split()}
    assert names - {"boxwright", "__main__", "__mp_main__"} <= sys.stdlib_module_names


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["convert", "--help"], []])
def test_help_needs_no_environment(tmp_path, words):
    ended = bare(*words, BOXWRIGHT_ENVS=str(tmp_path))
    assert ended.returncode == 0 and ended.stdout.strip() and not ended.stderr


def test_a_wrong_flag_is_refused_before_an_installation(tmp_path):
    ended = bare("diagnose", "--dta", "x", BOXWRIGHT_ENVS=str(tmp_path))
    said = "there is no flag --dta; did you mean --data? `boxwright diagnose --help` lists them"
    assert (ended.returncode, ended.stderr) == (2, f"\nerror: boxwright diagnose: {said}\n")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["verify", "--run", "nothing"], "boxwright verify: "),
        (["convert", "--data", "nothing"], "boxwright convert: "),
        (["diagnose", "--data", "nothing", "--out", "out"], "boxwright diagnose: "),
    ],
)
def test_a_command_runs_where_its_libraries_are(tmp_path, monkeypatch, words, shown):
    monkeypatch.chdir(tmp_path)
    ended = bare(*words)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr and shown in ended.stderr


def test_an_environment_hands_over_what_it_cannot_run():
    ended = subprocess.run([OTHER_ENVIRONMENT, "compile", "--help"], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0 and "usage: boxwright compile" in ended.stdout


def test_the_current_folder_is_not_searched_by_python_m(tmp_path):
    """Python itself looks there for `boxwright`, and in nothing that is imported after that."""
    for name in ("json", "argparse", "difflib"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'a').write('{name}')")
    command = [sys.executable, "-m", "boxwright", "run", "--help"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0 and not (tmp_path / "imported").exists()


@pytest.mark.parametrize("folder", ["lib/python3.11/site-packages", "lib/python3.11/dist-packages"])
def test_the_script_finds_the_python_of_a_user_installation(tmp_path, folder):
    """`pip install --user` leaves no Python beside the script."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "boxwright"
    script.write_bytes((ROOT / "components" / "bin" / "boxwright").read_bytes())
    script.chmod(0o755)
    (tmp_path / folder).mkdir(parents=True)
    without = subprocess.run([script, "--version"], capture_output=True, text=True)
    assert without.returncode == 2 and "python3 -m boxwright" in without.stderr
    (tmp_path / folder / "boxwright").symlink_to(ROOT / "components" / "boxwright")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ended = subprocess.run([script, "--version"], env=os.environ | {"PATH": path}, capture_output=True, text=True)
    assert ended.returncode == 0 and ended.stdout.strip()

# environment: data
"""The notebook of `pipelines/`, from the images to the detector, executed as people execute it: by a kernel of Jupyter."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

FILE = Path(__file__).parents[2] / "pipelines" / "why_is_my_detector_poor.ipynb"
# What a notebook of Jupyter sets. Some of it would break another Python.
NOTEBOOK = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "FORCE_COLOR": "1", "CLICOLOR": "1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with `my_images`, as the notebook expects it."""
    made = tmp_path_factory.mktemp("notebook")
    command = [sys.executable, "-P", "-m", "boxwright.demo.generator", "--out", made / "my_images", "--images", "24"]
    subprocess.run(command, check=True)
    return made


@pytest.fixture(scope="module")
def executed(folder) -> dict[str, nbformat.NotebookNode]:
    """The executed cells by id. The cell that installs Boxwright is left out: it is installed."""
    notebook = nbformat.read(FILE, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "install" not in cell.metadata.get("tags", ())]
    (parameters,) = (cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", ()))
    parameters.source = parameters.source.replace("steps = 0", "steps = 2")
    NotebookClient(notebook, timeout=1500).execute(cwd=str(folder), env={**os.environ, **NOTEBOOK})
    if keep := os.environ.get("BOXWRIGHT_KEEP_NOTEBOOK"):
        nbformat.write(notebook, keep)
    return {cell.id: cell for cell in notebook.cells}


def test_notebook_is_clean_and_begins_with_the_installation():
    notebook = json.loads(FILE.read_text(encoding="utf-8"))
    nbformat.validate(notebook)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert "".join(code[0]["source"]) == "%pip install --quiet boxwright"
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.slow
def test_notebook_shows_the_reason(executed):
    progress, page = executed["answer"].outputs
    assert re.search(r"<b>diagnose</b> <progress .*done in \d+ s", progress.data["text/html"])
    assert '<iframe sandbox style="' in page.data["text/html"] and "srcdoc=" in page.data["text/html"]
    assert page.data["text/plain"].splitlines()[1].startswith("1. [high] ")
    assert executed["list"].outputs[0].text.startswith("[high] ")
    assert "bolt" in executed["objects"].outputs[0].data["text/html"]


@pytest.mark.slow
def test_notebook_ends_with_a_detector(executed, folder):
    report = executed["run"].outputs[-1].data
    assert "srcdoc=" in report["text/html"] and "on test: " in report["text/plain"]
    assert "bolt" in executed["metrics"].outputs[0].data["text/html"]
    assert "int8" in executed["tflite"].outputs[0].data["text/plain"]
    assert (folder / "runs" / "first" / "report.html").is_file()


@pytest.mark.slow
def test_stop_button_ends_the_command(folder):
    """It sends SIGINT to the kernel."""
    manager, client = start_new_kernel(cwd=str(folder))
    try:
        client.execute("import boxwright; boxwright.diagnose('my_images', out='stopped')")
        while not list(folder.glob("stopped/logs/*.log")):
            time.sleep(0.1)
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=60))["msg_type"] != "execute_reply":
            pass
        assert (reply["content"]["status"], reply["content"]["ename"]) == ("error", "KeyboardInterrupt")
        assert not [file for file in Path("/proc").glob("[0-9]*/cmdline") if str(folder / "stopped") in _text(file)]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode(errors="replace")
    except OSError:
        return ""

# environment: authoring
"""The progress of a command, from the lines that it prints."""

import sys

import pytest

from boxwright.api import process
from boxwright.api.progress import Progress

LINES = ("▶ convert", "convert: 8 images stored", "✔ convert          2.5 s", "▶ evaluate trained", "step 50/200: loss 1.5",
         "✔ evaluate trained 3.0 s", "✔ report           kept from an earlier run")  # fmt: skip


def after(*lines: str) -> Progress:
    progress = Progress("run", 4)
    for line in lines:
        progress.line(line + "\n")
    return progress


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (0, (0, 0.0, "", "")),
        (1, (0, 0.0, "convert", "")),
        (2, (0, 0.0, "convert", "convert: 8 images stored")),
        (3, (1, 0.0, "", "")),
        (5, (1, 0.25, "evaluate trained", "step 50/200: loss 1.5")),
        (6, (2, 0.0, "", "")),
        (7, (3, 0.0, "", "")),
    ],
)
def test_lines_move_the_progress(lines, state):
    progress = after(*LINES[:lines])
    assert (progress.done, progress.part, progress.step, progress.note) == state


def test_log_has_a_line_for_each_step(capsys):
    after(*LINES)
    assert capsys.readouterr().err.splitlines() == [
        "run: 0 of 4", "run: 0 of 4 · convert", "run: 1 of 4 · evaluate trained"
    ]  # fmt: skip


@pytest.mark.parametrize(("error", "how"), [(None, "done"), (KeyboardInterrupt(), "stopped"), (ValueError(), "failed")])
def test_last_line_says_how_it_ended(capsys, error, how):
    try:
        with process.shown("run", 1):
            if error:
                raise error
    except (KeyboardInterrupt, ValueError):
        pass
    assert capsys.readouterr().err.splitlines()[-1] == f"run: {how} in 0 s"


def test_stranger_text_is_inert_in_a_notebook():
    """Names of files and classes are in the lines."""
    progress = after("▶ convert", "<img src=x onerror=alert(1)> \x1b[2J")
    shown = progress.content()._repr_html_()
    assert "<img" not in shown and "&lt;img" in shown and "\x1b" not in shown


def test_nothing_imports_ipython():
    after(*LINES)
    assert "IPython" not in sys.modules

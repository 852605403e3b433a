# environment: authoring
"""The flags of a detector in `boxwright diagnose --data`, and what is printed of its examination."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from local_runs import with_defaults
from rich.console import Console

from boxwright.core.artifacts.examination import Examination, Tried, Way
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError
from boxwright.local import examine
from boxwright.local.arguments import Run, parse

NOTHING: dict[str, Any] = {"detector": "", "labels": "", "image_ids": "", "fed": "", "threads": 1}
FINDING = Finding(
    id="detector_used_wrongly", cause="data_quality", severity="high", title="It is fed BGR", claim="x", remedy="Swap."
)
WAY = Way(fed="RGB", boxes="", classes={}, after="")


def asked(folder: Path, **detector: Any) -> Run:
    (folder / "m.tflite").touch()
    return replace(with_defaults("diagnose", data="d", out="o"), detector=NOTHING | detector)


def test_the_command_has_the_flags_of_a_detector():
    argv = ["--data", "d", "--detector", "m.tflite,n.tflite", "--fed", "BGR,0..1", "--threads", "2"]
    found = parse("diagnose", argv, "boxwright diagnose", "").detector
    assert found == NOTHING | {"detector": "m.tflite,n.tflite", "fed": "BGR,0..1", "threads": 2}


WRONG = {
    "missing": ({"detector": "{folder}/no.tflite"}, "no.tflite does not exist"),
    "second is missing": ({"detector": "{folder}/m.tflite,no.json"}, "no.json does not exist"),
    "labels are missing": ({"detector": "{folder}/m.tflite", "labels": "no.txt"}, "no.txt does not exist"),
    "unknown word": ({"detector": "{folder}/m.tflite", "fed": "HSV"}, "--fed HSV: expected words of RGB"),
    "two of a kind": ({"detector": "{folder}/m.tflite", "fed": "RGB,BGR"}, "at most one of each kind"),
    "no thread": ({"detector": "{folder}/m.tflite", "threads": 0}, "--threads 0: expected"),
    "without a detector": ({"fed": "BGR"}, "--fed is about a detector"),
    "ids without a detector": ({"image_ids": "a.json"}, "--image-ids is about a detector"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_flag_is_refused_before_the_first_step(tmp_path, given, said):
    texts = {name: value.format(folder=tmp_path) if isinstance(value, str) else value for name, value in given.items()}
    with pytest.raises(UserError, match=said):
        examine.check(asked(tmp_path, **texts))


def test_docker_is_refused(tmp_path):
    with pytest.raises(UserError, match="--engine docker"):
        examine.check(replace(asked(tmp_path, detector=str(tmp_path / "m.tflite")), engine="docker"))


def examined(*corrections: Tried, findings=()) -> Examination:
    return Examination(
        detector="m.tflite", kind="Tflite", labels=(), classes="", trial_images=48, used=WAY, best=WAY, before=0.1,
        after=0.6, corrections=corrections, tried=(), numbers={}, threshold=0.5, missed=(), false_alarms={},
        findings=findings,
    )  # fmt: skip


def test_the_verdict_is_printed_first():
    shown = io.StringIO()
    one = Tried(hypothesis="channels", title="It is fed BGR", ap=0.6, gain=0.5, interval=(0.4, 0.6))
    examine.show(examined(one, findings=(FINDING,)), Path("out"), Console(file=shown, width=200))
    lines = shown.getvalue().strip().splitlines()
    assert lines[0] == "It is fed BGR."
    assert "AP rises from 10.0 to 60.0 on 48 images" in lines[1]
    assert lines[2] == "- It is fed BGR. Swap."
    assert lines[-1].endswith("out/examination.html")


def test_a_sound_use_is_said_to_be_one():
    shown = io.StringIO()
    examine.show(examined(), Path("out"), Console(file=shown, width=200))
    assert shown.getvalue().strip().startswith("The detector is used in the right way.")

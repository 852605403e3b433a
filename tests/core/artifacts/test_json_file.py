# environment: data
"""Files between steps: a written file is read back unchanged, and an error names the fault of a damaged one."""

import json

import pytest

from boxwright.core.artifacts import dataset, diagnosis, json_file, run_status, summary
from boxwright.core.artifacts.dataset import Rejected
from boxwright.core.artifacts.diagnosis import Coverage, Diagnosis, Prediction
from boxwright.core.artifacts.run_status import RunStatus
from boxwright.core.findings import Evidence, Finding
from boxwright.core.runtime.errors import UserError

FINDING = Finding(
    id="few_objects",
    subject="Größe",
    cause="data_quantity",
    severity="high",
    title="One class has too few objects to learn from",
    claim="Größe has 3 training objects.",
    evidence=(Evidence(metric="objects", value=3, n=3, interval=(0.1, 8.8), where="tables/objects.parquet"),),
    items=("Größe", ("a.jpg", "b.jpg")),
)
DIAGNOSIS = Diagnosis(
    findings=(FINDING,),
    unreachable={"stock": {"x": 0.9}, "used": {"x": 0.0}},
    coverage=(Coverage(class_name="x", size="small", n=9, stock=0.9, used=0.0),),
    prediction=Prediction(
        ap50={"all": 0.8}, interval={"all": (0.7, 0.9)}, mean=0.5, mean_interval=(0.4, 0.6), basis="b"
    ),
)
STATUS = {"state": "FAILED", "error": "", "run": "r", "pipeline": "p", "data": "d"}


def test_round_trip(tmp_path):
    file = tmp_path / "new" / "findings.json"
    diagnosis.write(file, DIAGNOSIS)
    assert diagnosis.read(file) == DIAGNOSIS
    assert "Größe" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, r"status\.json: no such file; expected the status\.json that `boxwright run_status` wrote"),
        ("{", r"status\.json is damaged \(Invalid JSON.*\): run `boxwright run_status` again"),
        (b"\xff\xfe{\0}\0", r"status\.json is damaged"),
        ("[]", r"the whole file: Input should be an object, got \[\]: run"),
        (STATUS | {"state": 3}, r"state: Input should be a valid string, got 3: run"),
        (STATUS | {"more": 1}, r"more: Extra inputs are not permitted, got 1: run"),
        ({"state": "FAILED"}, r"error: Field required \(3 more fields are wrong\): run"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path, content, says):
    file = tmp_path / "status.json"
    if content is not None:
        text = json.dumps(content) if isinstance(content, dict) else content
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError, match=says):
        run_status.read(file)


def test_folder_in_place_of_a_file(tmp_path):
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        run_status.read(tmp_path)


def test_field_inside_a_list_is_named(tmp_path):
    file = tmp_path / "findings.json"
    file.write_text(json_file.text(DIAGNOSIS).replace('"high"', '"dreadful"', 1))
    with pytest.raises(UserError, match=r"findings\.0\.severity: Input should be 'high', .*, got 'dreadful'"):
        diagnosis.read(file)


def test_quarantine_has_a_line_for_each(tmp_path):
    lines = [
        Rejected(file="ä.jpg", object=None, reason="truncated"),
        Rejected(file="b.jpg", object=0, reason="zero_area"),
    ]
    dataset.write_quarantine(tmp_path / "quarantine.jsonl", lines)
    text = (tmp_path / "quarantine.jsonl").read_text(encoding="utf-8")
    assert (
        text.splitlines()[0]
        == '{"file": "ä.jpg", "object": null, "reason": "truncated", "value": "", "name": "", "split": ""}'
    )
    assert list(dataset.read_quarantine(tmp_path / "quarantine.jsonl")) == lines


def test_summary_leaves_out_what_is_not_there(tmp_path):
    data = {"digest": "d", "splits": {}, "found": {"images": 0, "objects": 0}}
    refused = summary.Summary.model_validate(
        {
            "verdict": "not_ready",
            "reasons": [],
            "stock": None,
            "steps": None,
            "dataset": data | {"quarantined": {"images": {}, "objects": {}}},
            "unreachable": {},
            "coverage": [],
            "evaluation": {},
            "findings": [],
            "notices": [],
        }
    )
    summary.write(tmp_path / "summary.json", refused)
    content = json.loads((tmp_path / "summary.json").read_text())
    assert content["stock"] is None and not {"forgetting", "seconds", "artifacts"} & set(content)
    assert summary.read(tmp_path / "summary.json") == refused


def test_numbers_by_name_beside_the_fixed_ones():
    """metrics.json: the intervals stand beside the number of resamples."""
    from boxwright.core.artifacts.metrics import Intervals

    found = Intervals.model_validate(
        {"resamples": 200, "seed": 0, "over": "images", "AP50 cat": [0.1, 0.2], "AP": None}
    )
    assert (found.bounds("AP50 cat"), found.bounds("AP"), found.bounds("AP50")) == ((0.1, 0.2), None, None)
    assert found.model_dump(mode="json")["AP50 cat"] == [0.1, 0.2]


def test_status_is_written_as_read(tmp_path):
    run_status.write(tmp_path / "status.json", RunStatus(**STATUS))
    assert json.loads((tmp_path / "status.json").read_text()) == STATUS


SPLIT = {"images": 1, "objects": 1, "per_class": {"cat": 1}, "shards": 2}
NOTHING = {"images": {}, "objects": {}}
MANIFEST = {
    "digest": "0", "format": "coco", "source": "data", "classes": [{"id": 1, "name": "cat"}],
    "splits": {"train": SPLIT, "val": SPLIT, "test": SPLIT}, "found": {"images": 3, "objects": 3}, "quarantined": NOTHING,
    "notices": [], "split_by": "given",
}  # fmt: skip


@pytest.mark.parametrize(
    ("splits", "says"),
    [
        ({"train": SPLIT, "test": SPLIT}, "splits lacks val"),
        (MANIFEST["splits"] | {"val": SPLIT | {"per_class": {}}}, "per_class of val lacks cat"),
    ],
)
def test_a_manifest_counts_every_class_in_every_split(tmp_path, splits, says):
    file = tmp_path / "dataset.json"
    file.write_text(json.dumps(MANIFEST))
    dataset.read(file)
    file.write_text(json.dumps(MANIFEST | {"splits": splits}))
    with pytest.raises(UserError, match=says):
        dataset.read(file)

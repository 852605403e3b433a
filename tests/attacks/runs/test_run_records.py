# environment: authoring
"""Records of runs, summaries and executor inputs that somebody damaged end in a sentence. The fuzzer found each of these."""

import errno
import json
from pathlib import Path

import pytest

from boxwright import cli
from boxwright.cluster import comparison, parameters
from boxwright.core.runtime import limits, step_io, text_files
from boxwright.core.runtime.errors import UserError
from boxwright.lineage import command, graph, records, verify
from boxwright.local import cache_check

ARTIFACT = {"path": "steps/model", "digest": "d", "metadata": {}}
TASK = {
    "name": "train",
    "cached": False,
    "seconds": 1.5,
    "parameters": {},
    "inputs": {},
    "outputs": {"model": ARTIFACT},
}
NUMBERS = {"AP": 0.5, "AP50": 0.7, "AR100": 0.6, "per_class": {}}
SUMMARY = {"verdict": "good", "dataset": {"digest": "d"}, "steps": 5, "evaluation": {"float": NUMBERS}}
SUMMARY |= {"seconds": {"train": 1.5}, "artifacts": {}}
DEEP = "[" * 100_000 + "]" * 100_000


def lineage(folder: Path, text: str) -> list[records.Task]:
    (folder / records.FILE).write_text(text)
    return records.read(folder)


@pytest.mark.parametrize(
    "changed",
    [
        *({"seconds": odd} for odd in (None, "one", -1, 1e300, float("nan"), float("inf"), 10**400)),
        *({"started": odd} for odd in (5, "yesterday", "2026-99-99")),
        *({"inputs": odd} for odd in (None, [], {"a": 1}, {"a": ["x"]})),
        *({"outputs": {"model": ARTIFACT | {"path": odd}}} for odd in (1, "a\0", "x" * 300, "../x", "/etc/passwd", "a/../../x")),
        *({"outputs": odd} for odd in ([], {"model": 1}, {"model": ARTIFACT | {"digest": 5}})),
        {"name": {}},
        {"outputs": {"a.b": ARTIFACT}},
        {"name": "\ud800"},
        {"error": 1},
        {"parameters": []},
    ],
)  # fmt: skip
def test_a_damaged_lineage_is_refused(changed, tmp_path):
    with pytest.raises(UserError, match=r"lineage.json cannot be read \(") as refused:
        lineage(tmp_path, json.dumps({"tasks": [TASK | changed]}))
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"tasks": 1}', DEEP, '{"tasks": ' + DEEP + "}"])
def test_a_file_that_is_no_lineage_is_refused(text, tmp_path):
    with pytest.raises(UserError, match=r"lineage.json cannot be read \("):
        lineage(tmp_path, text)


@pytest.mark.parametrize("stated", [1, "", "[1]", "null", "{", DEEP])
def test_inputs_in_metadata_that_cannot_be_read(stated, tmp_path):
    changed = {"inputs": {"records": "r"}, "outputs": {"model": ARTIFACT | {"metadata": {"inputs": stated}}}}
    made = graph.build(lineage(tmp_path, json.dumps({"tasks": [TASK | changed]})))
    assert [fault.what for fault in verify.faults(made, tmp_path)] == ["missing", "inconsistent"]


@pytest.mark.parametrize(
    "changed",
    [{"steps": 10**400}, {"steps": "five"}, {"evaluation": {"float": NUMBERS | {"AP": float("nan")}}}, {"seconds": {"a": "b"}}],
)  # fmt: skip
def test_a_damaged_summary_is_not_compared(changed, tmp_path):
    (tmp_path / "summary.json").write_text(json.dumps(SUMMARY))
    comparison.folder_facts(tmp_path)
    for text in (json.dumps(SUMMARY | changed), DEEP):
        (tmp_path / "summary.json").write_text(text)
        with pytest.raises(UserError, match=r"summary.json cannot be compared \("):
            comparison.folder_facts(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "{", "[]", "{}", DEEP, '{"outputs": 1}', '{"outputs": {"outputFile": 1}}', '{"outputs": {"outputFile": "a\\u0000"}}',
        '{"outputs": {"outputFile": "a", "artifacts": {"page": {"artifacts": []}}}}',
        '{"outputs": {"outputFile": "a"}, "inputs": {"parameterValues": []}}',
        '{"outputs": {"outputFile": "a"}, "inputs": {"artifacts": {"x": {"artifacts": [{"uri": "u", "metadata": 1}]}}}}',
    ],
)  # fmt: skip
def test_an_executor_input_is_checked_before_the_step(text):
    def step() -> step_io.Result:
        raise AssertionError("the step ran")

    with pytest.raises(UserError, match="--executor-input is not what KFP passes"):
        step_io.run_and_emit(step, text)


def test_a_long_data_set_on_a_cluster_is_one_path():
    parameters.check({"data": "/" + "a" * 5000})


def test_a_path_that_is_too_long_is_a_sentence(capsys):
    assert cli.code_of("run", OSError(errno.ENAMETOOLONG, "File name too long", "a" * 5000)) == 2
    assert "is too long for a path" in capsys.readouterr().err


def test_an_error_has_a_limit_of_length():
    assert len(str(UserError("x" * 100_000 + "; do this"))) < 4000 and str(UserError("x" * 100_000 + "!")).endswith("!")


def test_half_a_surrogate_pair_is_written_as_a_question_mark(tmp_path):
    text_files.write(tmp_path / "a.json", json.dumps({"a": "\ud800é"}, ensure_ascii=False))
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"a": "?é"}


def made(folder: Path, tasks: int = 1) -> Path:
    """A run whose task number n reads what task n - 1 made."""
    (folder / "steps").mkdir(parents=True)
    (folder / "steps/model").write_text("weights")
    chain = [
        TASK | {"name": f"t{n}", "inputs": {"a": f"p{n - 1}"}, "outputs": {"o": ARTIFACT | {"path": f"p{n}"}}}
        for n in range(tasks - 1)
    ]
    (folder / records.FILE).write_text(json.dumps({"tasks": [TASK, *chain]}))
    return folder


@pytest.mark.parametrize("place", ["steps", "steps/model", "steps/model/below"])
def test_verify_reads_through_no_link(place, tmp_path, capsys):
    folder = made(tmp_path / "run")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/model").write_text("secret")
    (folder / "steps/model").unlink()
    (folder / "steps").rmdir()
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SystemExit) as ended:
        verify.main([str(folder)])
    assert ended.value.code == 1 and "│ link │" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["digests.json", "states.json"])
def test_a_list_of_files_may_be_no_device_and_is_bounded(name, tmp_path, monkeypatch):
    model = made(tmp_path) / "steps/model"
    for text in ("/dev/zero", "[" * 100_000, '"' + "x" * 3000):
        file = model.with_name(name)
        file.unlink(missing_ok=True)
        file.symlink_to(text) if text[0] == "/" else file.write_text(text)
        monkeypatch.setattr(cache_check, "LIST_BYTES", 2000 if len(text) < 5000 else limits.MIB)
        assert not cache_check.unchanged(model, "d")


def test_a_long_lineage_is_drawn_in_part(tmp_path, capsys):
    command.main([str(made(tmp_path / "long", records.MOST)), "--artifact", "t0.o"])
    assert "and more" in capsys.readouterr().out
    with pytest.raises(UserError, match="at most 1000 items"):
        command.main([str(made(tmp_path / "longer", records.MOST + 1))])


def test_paths_and_metadata_of_a_lineage_have_no_secrets(tmp_path):
    secret = {"path": "https://me:word@h/a?sig=word", "metadata": {"a": ["https://me:word@h"]}}
    (task,) = lineage(tmp_path, json.dumps({"tasks": [TASK | {"outputs": {"model": ARTIFACT | secret}}]}))
    assert "word" not in str(task) and task.outputs["model"].path == "https://h/a"

# environment: authoring
"""Files of runs, and the values of flags, as the command line reads them."""

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from target import Files, Target

from boxwright.cluster import comparison, parameters
from boxwright.core import recipe as recipes
from boxwright.core.runtime import step_io
from boxwright.lineage import command, events, graph, records, verify
from boxwright.local import arguments, inputs
from boxwright.validate import accepted_risks

DIGEST = "0123456789abcdef" * 4
CONVERT = {
    "name": "convert", "cached": False, "seconds": 1.5, "parameters": {"data": "gs://a/b", "seed": 0}, "inputs": {},
    "started": "2026-01-01T00:00:00.000+00:00",
    "outputs": {
        "records": {"path": "steps/convert/records", "digest": DIGEST, "metadata": {"inputs": "{}", "seed": 0, "version": "1"}}
    },
}  # fmt: skip
TRAIN = {
    "name": "train", "cached": True, "seconds": 2, "parameters": {}, "inputs": {"records": "steps/convert/records"},
    "error": "it failed",
    "outputs": {
        "model": {"path": "steps/train/model", "digest": DIGEST, "metadata": {"inputs": json.dumps({"records": DIGEST})}}
    },
}  # fmt: skip
EVALUATED = {"AP": 0.5, "AP50": 0.7, "AR100": 0.6, "per_class": {"cat": {"AP": 0.5, "AP50": 0.7}}}
SUMMARY = {
    "verdict": "good", "dataset": {"digest": DIGEST}, "steps": 100, "evaluation": {"float": EVALUATED, "int8": EVALUATED},
    "seconds": {"train": 2.5}, "artifacts": {"train.model": {"digest": DIGEST}},
}  # fmt: skip
# One word of the command line a line, and one parameter a line.
RUN = """--data\nd\n--out\no\n--init\nnone\n--group\n(scan[0-9]+)_\n--steps\n10\n--split-fractions\n0.7,0.15,0.15\n--accept
empty_split=fine\n--seed\n1\n--batch-size\n8\n--model\nssd_mobilenet_v1_ppn\n--fix\nclip"""
SET = 'data=gs://a/b\nsteps=10\ngpu_count=1\nnode_selector={"a": "b"}\ngroup=x\nstock=true\ninit=none'
# What KFP passes to a step.
EXECUTOR = {
    "inputs": {
        "parameterValues": {"seed": 0, "data": "https://u:p@h/x?sig=1"},
        "artifacts": {"records": {"artifacts": [{"name": "r", "uri": "made", "metadata": {"digest": DIGEST, "seed": 1.0}}]}},
    },
    "outputs": {
        "artifacts": {"page": {"artifacts": [{"name": "p", "uri": "made", "metadata": {}}]}},
        "parameters": {"weights": {"outputFile": "weights"}}, "outputFile": "executor_output.json",
    },
}  # fmt: skip


def runs() -> list[Files]:
    """A folder of a run, with the digests of one artifact's files."""
    lineage, listed = json.dumps({"tasks": [CONVERT, TRAIN]}), json.dumps({"records": {"a.txt": DIGEST}})
    files = {"lineage.json": lineage, "steps/convert/digests.json": listed, "steps/convert/records/a.txt": "x"}
    return [{name: text.encode() for name, text in files.items()}]


def _json(name: str, *values: object) -> Callable[[], list[Files]]:
    return lambda: [{name: json.dumps(value).encode()} for value in values]


def _text(folder: Path, name: str) -> str:
    """As a command line gives it: bytes that are not UTF-8 become lone surrogates."""
    return (folder / name).read_bytes().decode("utf-8", "surrogateescape")


def run_lineage(folder: Path, out: Path) -> None:
    tasks = records.read(folder)
    made = graph.build(tasks)
    for config in (
        command.Config(run=str(folder)),
        command.Config(run=str(folder), picture=out / "picture.md", openlineage=str(out / "events.json")),
        *(command.Config(run=str(folder), artifact=name) for name in list(made.artifacts)[:1]),
    ):
        command.show(config, tasks, folder)
    Console().print(verify.fault_table(found := list(verify.faults(made, folder)), verify.doubtful(made, found)))
    list(events.events(made, folder))


def run_compare(folder: Path, _: Path) -> None:
    facts = [comparison.folder_facts(folder / name) for name in ("one", "other")]
    Console().print(comparison.differences(["one", "other"], *facts))


def run_recipes(folder: Path, _: Path) -> None:
    comparison.print_recipe_differences(*(recipes.read(folder / name) for name in ("one.yaml", "other.yaml")))


def two_summaries() -> list[Files]:
    content = json.dumps(SUMMARY).encode()
    return [{"one/summary.json": content, "other/summary.json": content}]


def two_recipes() -> list[Files]:
    import yaml

    made = (recipes.stock(model, ("cat",), steps=200) for model in ("ssd_mobilenet_v1_ppn", "ssd_mobilenet_v2"))
    one, other = (yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False).encode() for recipe in made)
    return [{"one.yaml": one, "other.yaml": other}]


def run_flags(folder: Path, out: Path) -> None:
    words = _text(folder, "argv.txt").replace("\0", "").split("\n")
    run = arguments.parse("finetune", words, "boxwright run", "")
    inputs.check_text({inputs.flag_of(name): value for name, value in {**run.parameters, "out": run.out}.items()})
    arguments.check_flags(run.parameters)
    for flag in inputs.places():
        inputs.check_place(flag, run.value(flag.name))
    accepted_risks.parse(run.value("accept"))


def run_set(folder: Path, _: Path) -> None:
    lines = _text(folder, "set.txt").split("\n")
    found = parameters.parse("finetune", dict(line.split("=", 1) for line in lines if "=" in line))
    parameters.check({"data": "gs://a/b"} | found)


def run_executor_input(folder: Path, out: Path) -> None:
    """Its outputs are relative paths, so that they are written in `out`. A wrong component is a bug."""
    text = _text(folder, "input.json")
    step_io.parsed(text)
    done = step_io.Result(artifacts={"page": {}}, parameters={"weights": "none"})
    with contextlib.chdir(out), contextlib.suppress(KeyError, FileNotFoundError):
        Path("made").write_text("x")
        step_io.run_and_emit(lambda: done, text, "convert")


TARGETS = (
    Target("lineage", runs, run_lineage),
    Target("compare runs", two_summaries, run_compare),
    Target("compare recipes", two_recipes, run_recipes),
    Target("flags of run", lambda: [{"argv.txt": RUN.encode()}], run_flags, longest=1 << 20),
    Target("flags of submit", lambda: [{"set.txt": SET.encode()}], run_set, longest=1 << 20),
    Target("executor input", _json("input.json", EXECUTOR), run_executor_input),
)

"""Finds out why a detector is poor on these images and what to change: convert, validate, diagnose and augment, no training.

Writes OUT/diagnosis.html, OUT/recipe.yaml and OUT/findings.json. Run again, it repeats only the steps whose inputs have changed.
With --detector, it also examines a detector that is trained already, and writes OUT/examination.html.
Without --data, `boxwright diagnose --records RECORDS --tables TABLES` runs the single step on the outputs of convert.
"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from boxwright.core import recipe, recipe_diff
from boxwright.core.artifacts import diagnosis
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.recipe import Recipe
from boxwright.core.runtime import console as terminal
from boxwright.core.runtime.flags import Input, Output, flags
from boxwright.core.runtime.printable import COMMAND
from boxwright.diagnose import verdict
from boxwright.diagnose.config import Config
from boxwright.diagnose.verdict import FoundCause
from boxwright.lineage.records import Task
from boxwright.local import examine, inputs, work_folder
from boxwright.local import run as running
from boxwright.local.arguments import Run, parse

_COLOURS = {"high": "red", "medium": "yellow", "low": "default", "info": "default"}
# The graph's gate between validate and diagnose is open here: it keeps a training from starting, and this command never trains.
_PAST_THE_GATE = {"ready": True}
# File in OUT -> the task that makes it, and the name of the task's output.
_COPIED = {
    "diagnosis.html": ("diagnose", "page"),
    "findings.json": ("diagnose", "findings"),
    "augmentation.html": ("augment", "page"),
    "recipe.yaml": ("augment", "final_recipe"),
    "validation.html": ("validate", "page"),
}


def main(argv: list[str]) -> None:
    artifacts = [flag for flag in flags(Config) if flag.mark(Output) or (flag.mark(Input) and flag.mark(Input).kfp)]
    run = parse("diagnose", argv, "boxwright diagnose", __doc__ or "", step=artifacts)
    inputs.check(run)
    examine.check(run)
    with work_folder.opened(run.out) as out:
        diagnose(run, out)


def diagnose(run: Run, out: Path) -> None:
    """Runs the graph, copies the results to `out`, and prints them.

    Data that are not ready to train on are diagnosed, too. What stops the training is the first finding.
    """
    console = terminal.console(markup=True)
    work_folder.remove(out, (*_COPIED, examine.PAGE))
    made = outputs(running.run_graph(run, out, console, seen_as=_PAST_THE_GATE), out)
    for name, source in _COPIED.items():
        shutil.copyfile(made[source], out / name)
    found, planned = diagnosis.read(out / "findings.json"), recipe.read(out / "recipe.yaml")
    if run.detector.get("detector"):
        examine.show(examine.examine(run, made["convert", "records"], out, console), out, console)
    print_diagnosis(found, planned, diagnosed_recipe(run, planned), out, console)


def diagnosed_recipe(run: Run, planned: Recipe) -> Recipe | None:
    """The recipe that the findings are about: the user's own (`--given`), or the model zoo's. None for a pipeline.config: only
    the environment of the step can read it."""
    given = str(run.value("given"))
    if not given:
        return recipe.stock_for(planned)
    is_recipe = given.partition("#")[0].endswith((".yaml", ".yml"))
    return recipe.read(Path(inputs.local_copy(inputs.absolute(given)))) if is_recipe else None


def outputs(tasks: Sequence[Task], out: Path) -> dict[tuple[str, str], Path]:
    """(task, output) -> its path."""
    return {(task.name, name): out / made.path for task in tasks for name, made in task.outputs.items()}


def print_diagnosis(found: Diagnosis, planned: Recipe, baseline: Recipe | None, out: Path, console: Console) -> None:
    """Prints what is wrong and what to do, the first causes, the changes of the recipe, and the files with the details."""
    judged = verdict.judge(found, planned)
    console.print(f"\n[bold]{escape(judged.title)}.[/bold]\n{escape(judged.sentence)}", soft_wrap=True)
    if told := verdict.causes(found.findings):
        console.print(causes_table(told[: verdict.FIRST], planned))
        for rank, one in enumerate(told[: verdict.FIRST], 1):
            for command in COMMAND.findall(one.finding.remedy):
                console.print(f"{rank}. {command}\n", markup=False, highlight=False, soft_wrap=True)
        if rest := told[verdict.FIRST :]:
            console.print(f"[bold]Also found: {verdict.counted([one.finding for one in rest])}[/bold]")
            for one in rest:
                console.print(f"- {escape(one.finding.title)}")
            console.print()
    console.print("[bold]What the recipe changes[/bold]")
    for line in changes(baseline, planned):
        console.print(f"- {escape(line)}")
    if found.prediction:
        low, high = found.prediction.mean_interval
        console.print(f"\nPredicted AP50: {found.prediction.mean:.2f} ({low:.2f} to {high:.2f})")
    console.print(f"\nPictures and all numbers: {out / 'diagnosis.html'}", markup=False, soft_wrap=True)
    console.print(f"Recipe: {out / 'recipe.yaml'}", markup=False, soft_wrap=True)


def causes_table(told: Sequence[FoundCause], planned: Recipe) -> Table:
    """A table: rank, severity, title, remedy. A cell would break a command into lines, so commands stand below the table."""
    rows = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False)
    rows.add_column("", justify="right")
    rows.add_column("severity")
    rows.add_column("what is wrong", ratio=4)
    rows.add_column("what to do", ratio=6)
    for rank, one in enumerate(told, 1):
        stops = "\nstops training" if one.finding.stops else ""
        severity = f"[{_COLOURS[one.finding.severity]}]{one.finding.severity}{stops}[/]"
        done = "The recipe does it: " if verdict.solved(one, planned) else ""
        done = "The recipe does it in part: " if verdict.partly(one, planned) else done
        remedy = done + COMMAND.sub("See the command below.", one.finding.remedy)
        doubt = f"\n(Doubtful: {one.finding.doubt})" if one.finding.doubt else ""
        rows.add_row(
            str(rank),
            severity,
            escape(one.finding.title + doubt),
            escape(COMMAND.sub("See the command below.", remedy)),
        )
    return rows


def changes(baseline: Recipe | None, planned: Recipe) -> Iterator[str]:
    """The differences between the diagnosed recipe and the planned one, one line per field; without the first, those that the
    planned one records."""
    found = recipe_diff.between(baseline, planned) if baseline else recipe_diff.recorded(planned)
    yield from (difference.text for difference in found)
    if not found:
        yield "Nothing: no finding asks for a change of the recipe."

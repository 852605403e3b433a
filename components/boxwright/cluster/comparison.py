"""The comparisons of `boxwright compare`: two runs on a server, two folders of `boxwright run`, or two recipes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from rich.markup import escape
from rich.table import Table

from boxwright.cluster import runs
from boxwright.cluster.kfp_types import Run
from boxwright.cluster.run_tasks.task import Task
from boxwright.core import recipe_diff
from boxwright.core.recipe import Recipe
from boxwright.core.runtime import console as terminal
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, brief
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import in_bucket

Number = Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True)
class Digest:
    digest: str


@dataclass(frozen=True)
class OfClass:
    AP50: Number | None


@dataclass(frozen=True)
class Evaluated:
    AP: Number | None
    AP50: Number | None
    AR100: Number | None
    per_class: dict[str, OfClass]


@dataclass(frozen=True)
class Compared:
    """The compared fields of summary.json. Another version may have written it with other fields beside them."""

    verdict: str
    dataset: Digest
    steps: Annotated[int, Field(le=10**12)] | None
    evaluation: dict[str, Evaluated]
    seconds: dict[str, Number]
    artifacts: dict[str, Digest]


def local_path(name: str) -> Path:
    """The local path of a recipe or of the folder of a run. A URI is copied. The id of a run gives a path that does not exist."""
    return fetch.file(name) if in_bucket(name) and name.endswith(".yaml") else fetch.folder_with(name, "summary.json")


def folder_facts(folder: Path) -> dict[str, Any]:
    """The facts in a run's summary.json. Raises UserError that names the wrong path and the reason."""
    if (file := folder / "summary.json").is_file():
        try:
            with file.open("rb") as opened:
                text = limits.read_at_most(opened, limits.OWN_JSON_BYTES, file)
            return summary_facts(TypeAdapter(Compared).validate_json(text))
        except OSError as error:
            raise UserError(f"{file} cannot be read: {error.strerror}; make it readable") from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"]))[:100] or "the whole file"
            raise UserError(
                f"{file} cannot be compared ({place}: {brief(ValueError(first['msg']))}): another version of Boxwright wrote it, "
                "or it was edited. Repeat the same `boxwright run`: it writes the file again and keeps finished steps"
            ) from None
    if folder.is_dir():
        raise UserError(f"{folder} is not the folder of a finished run: it has no summary.json")
    what = "is a file, but the other is not" if folder.exists() else "does not exist"
    raise UserError(f"{folder} {what}; give two --out folders of finished runs, two recipe.yaml files, or two run ids")


def summary_facts(summary: Compared) -> dict[str, Any]:
    """Fact -> value."""
    facts: dict[str, Any] = {"verdict": summary.verdict, "data": summary.dataset.digest, "steps": summary.steps}
    for name, numbers in summary.evaluation.items():
        facts |= {f"{metric} {name}": getattr(numbers, metric) for metric in ("AP", "AP50", "AR100")}
        facts |= {f"AP50 {name} {one}": values.AP50 for one, values in numbers.per_class.items()}
    facts |= {f"seconds of {name}": value for name, value in summary.seconds.items()}
    return facts | {f"digest of {name}": artifact.digest for name, artifact in summary.artifacts.items()}


def run_facts(run: Run, tasks: Iterable[Task]) -> dict[str, Any]:
    """Fact -> value for a run on the server."""
    reference = run.pipeline_version_reference
    facts = {"state": run.state, "pipeline version": reference.pipeline_version_id if reference else ""}
    facts |= {f"parameter {name}": value for name, value in runs.parameters(run).items()}
    for task in tasks:
        facts |= {f"state of {task.name}": task.state, f"seconds of {task.name}": task.seconds}
        facts |= {f"tries of {task.name}": task.tries} if task.tries else {}
    return facts


def differences(names: Sequence[str], one: Mapping[str, Any], other: Mapping[str, Any]) -> Table | str:
    """A table of the facts that differ. Numbers also get their difference."""
    table = Table()
    for column in ("", *names, "difference"):
        table.add_column(column, overflow="fold")
    for key in dict.fromkeys([*one, *other]):
        pair = one.get(key), other.get(key)
        if pair[0] != pair[1]:
            table.add_row(key, *map(_shown, pair), _difference(*pair))
    return table if table.row_count else "nothing differs"


def _shown(value: Any) -> str:
    """A value as text. A digest is shortened to 12 digits."""
    return "-" if value is None else re.sub(r"^(\w{12})\w{52}$", r"\1", str(value))


def _difference(one: Any, other: Any) -> str:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other))
    return f"{other - one:+.4g}" if numbers else ""


def print_recipe_differences(one: Recipe, other: Recipe) -> None:
    """Prints in sentences how the second recipe differs, with the reasons that it gives."""
    console = terminal.console(markup=True)
    for difference in (found := recipe_diff.between(one, other)):
        console.print(f"[bold]{escape(difference.field)}[/bold]: {escape(difference.text)}")
        for reason in difference.reasons:
            console.print(f"  [dim]why: {escape(reason)}[/dim]")
    if not found:
        console.print("the recipes train alike")

"""Examines the detector that `boxwright diagnose --data D --detector M` names, after the diagnosis, with the step `examine`.

The step is no task of the graph, which is the same on a cluster. So it is not in the lineage, and runs each time.
"""

import shutil
import sys
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from boxwright import environments
from boxwright.core.artifacts import examination
from boxwright.core.artifacts.examination import Examination
from boxwright.core.runtime.errors import UserError
from boxwright.examine import verdict
from boxwright.examine.config import Config
from boxwright.local import inputs, kfp_local
from boxwright.local.arguments import Run

PAGE = "examination.html"
# Findings that the terminal shows.
_SHOWN = 5


def check(run: Run) -> None:
    """Raises UserError for a wrong flag of the detector, and for a file that is missing, before the first step starts."""
    if not run.detector.get("detector"):
        if others := [name for name in ("labels", "image_ids", "fed") if run.detector.get(name)]:
            flag = others[0].replace("_", "-")
            raise UserError(f"--{flag} is about a detector; give it with --detector, or leave out --{flag}")
        return
    Config(records=Path("records"), **run.detector)
    places = [one.strip() for one in run.detector["detector"].split(",") if one.strip()]
    for place in (*places, run.detector["labels"], run.detector["image_ids"]):
        if inputs.is_local(place) and not Path(place).exists():
            raise UserError(
                f"{place} does not exist; give the detector's files with --detector, --labels and --image-ids"
            )
    if run.engine == "docker":
        raise UserError("--detector does not work with --engine docker; leave out one of the two")


def examine(run: Run, records: Path, out: Path, console: Console) -> Examination:
    """Runs the step on val and test of the run's records. Raises UserError as the step does. If it crashes, prints the end of its
    log and exits with code 1."""
    console.print("[bold]▶ examine[/bold]")
    folder, log = out / "steps" / "examine", out / "logs" / "examine.log"
    folder.mkdir(parents=True, exist_ok=True)
    given = {name.replace("_", "-"): value for name, value in run.detector.items() if value}
    given |= {"records": records, "findings": out / "findings.json"}
    given |= {"examination": folder / "examination", "page": folder / PAGE}
    command = ["boxwright", "examine", *(f"--{name}={value}" for name, value in given.items())]
    code = kfp_local.start_on_host(environments.ensure("train") / "bin", command, {"PYTHONUNBUFFERED": "1"}, log)
    if code:
        failed = kfp_local.failure("examine", code, log)
        if isinstance(failed, UserError):
            raise failed
        print(f"\n{failed}", file=sys.stderr, flush=True)
        sys.exit(1)
    shutil.copyfile(folder / PAGE, out / PAGE)
    return examination.read(folder / "examination" / examination.FILE)


def show(found: Examination, out: Path, console: Console) -> None:
    """Prints the verdict on the detector and what to do, most important first."""
    console.print(f"\n[bold]{escape(verdict.title(found))}.[/bold]\n{escape(verdict.sentence(found))}", soft_wrap=True)
    for finding in found.findings[:_SHOWN]:
        console.print(f"- {escape(finding.title)}. {escape(finding.remedy)}", soft_wrap=True)
    console.print(f"The detector's numbers, and what it misses: {out / PAGE}", markup=False, soft_wrap=True)

"""What the functions return: typed findings and numbers, the page, the tables, and the next command."""

import html
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxwright.api import tables
from boxwright.api.findings import Finding, Prediction, finding, made
from boxwright.api.process import Error
from boxwright.core.runtime.printable import COMMAND

# A page in a notebook.
_HEIGHT = "640px"
_STYLE = "box-sizing: border-box; width: 100%; border: 1px solid #dde3ea; border-radius: 6px; background: #fff"
_TITLE = re.compile(r"<title>(.*?) \N{EN DASH} Boxwright diagnosis</title>", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What every function returns. In a notebook it shows its page; `print` shows a summary.

    out: folder with all files. page: the HTML page. warnings: of the command, as sentences.
    """

    out: Path
    page: Path
    warnings: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        """The warnings, and the page in a frame of its own, so that its styles change nothing around it. It has no scripts."""
        page = html.escape(self.page.read_text(encoding="utf-8"), quote=True)
        style = f"{_STYLE}; height: {_HEIGHT}"
        told = "".join(f"<p><b>Warning:</b> {html.escape(one)}</p>" for one in self.warnings)
        return f'{told}<iframe sandbox style="{style}" title="{html.escape(self.page.name)}" srcdoc="{page}"></iframe>'

    def __fspath__(self) -> str:
        return str(self.out)


@dataclass(frozen=True, kw_only=True)
class WithFindings(Answer):
    """findings: most important first."""

    findings: tuple[Finding, ...]

    def findings_table(self) -> Any:
        """The findings as a pandas table. Raises Error if pandas is not installed."""
        columns = ("severity", "cause", "title", "claim", "remedy", "expected_effect", "stops", "id")
        return tables.from_rows([{name: getattr(one, name) for name in columns} for one in self.findings], columns)

    def images(self) -> Any:
        """The images as a pandas table: file, split, size, brightness, sharpness, number of objects.

        Raises Error if pandas or pyarrow is not installed.
        """
        return tables.from_parquet(self._tables() / "images.parquet")

    def objects(self) -> Any:
        """The objects as a pandas table: class, box as fractions of the image and in pixels. Raises Error as `images`."""
        return tables.from_parquet(self._tables() / "objects.parquet")

    def _tables(self) -> Path:
        beside = self.out / "tables"
        return beside if beside.is_dir() else artifact(self.out, "convert", "tables")


@dataclass(frozen=True, kw_only=True, repr=False)
class Diagnosis(WithFindings):
    """Why a detector is poor on these images. `title`: what is wrong and what to do, in a sentence.

    recipe: the file that trains around the findings. prediction: of AP50 before training; None if no measured run is similar.
    next_command: what to type next; empty if the first finding is corrected by hand: then its `remedy` says how.
    """

    title: str
    recipe: Path
    prediction: Prediction | None
    next_command: str

    def __repr__(self) -> str:
        return "\n".join(
            [f"{self.title}.", *_listed(self.findings), *_told(self), f"recipe: {self.recipe}", f"next: {self._next()}"]
        )

    def _next(self) -> str:
        return self.next_command or next(one.remedy for one in self.findings if comes_first(one))


@dataclass(frozen=True, kw_only=True, repr=False)
class Validation(WithFindings):
    """Whether training may start: `verdict` is ready, ready_with_caveats or not_ready."""

    verdict: str

    def __repr__(self) -> str:
        return "\n".join([self.verdict.replace("_", " "), *_listed(self.findings), *_told(self)])


@dataclass(frozen=True, kw_only=True, repr=False)
class Evaluation(Answer):
    """COCO's numbers of one detector on one split, in 0..1. None: the split has no such object.

    metrics: AP, AP50, AP75, AR100 ... by name. per_class: AP, AP50 and objects of each class.
    """

    split: str
    metrics: dict[str, float | None]
    per_class: dict[str, dict[str, float | None]]

    def table(self) -> Any:
        """The numbers of each class as a pandas table. Raises Error if pandas is not installed."""
        return _per_class(self.per_class)

    def __repr__(self) -> str:
        return "\n".join([f"on {self.split}: {_numbers(self.metrics)}", *_told(self)])


@dataclass(frozen=True, kw_only=True, repr=False)
class Run(WithFindings):
    """A trained detector. `verdict` is good, held_back, poor or unmeasured.

    metrics, per_class: as in Evaluation, of the trained model; metrics_int8: of its TFLite file with 8-bit integers.
    page: the report. model: folder of the trained model. tflite: folder of the TFLite files.
    """

    verdict: str
    split: str
    metrics: dict[str, float | None]
    metrics_int8: dict[str, float | None]
    per_class: dict[str, dict[str, float | None]]
    model: Path
    tflite: Path

    def table(self) -> Any:
        """The numbers of each class as a pandas table. Raises Error if pandas is not installed."""
        return _per_class(self.per_class)

    def __repr__(self) -> str:
        numbers = f"{self.verdict.replace('_', ' ')}; on {self.split}: {_numbers(self.metrics)}"
        return "\n".join([numbers, *_told(self), f"model: {self.model}", f"TFLite: {self.tflite}"])


def diagnosis(out: Path, data: str, flags: Sequence[str], warnings: Sequence[str]) -> Diagnosis:
    """data: what was diagnosed. flags: the words of the command line that `boxwright run` takes, too."""
    found = read(out / "findings.json")
    page = out / "diagnosis.html"
    findings = tuple(map(finding, found["findings"]))
    title = _TITLE.search(page.read_text(encoding="utf-8"))
    predicted = found["prediction"] and made(Prediction, found["prediction"])
    return Diagnosis(
        out=out, page=page, warnings=tuple(warnings), findings=findings, title=html.unescape(title[1]) if title else "",
        recipe=out / "recipe.yaml", prediction=predicted, next_command=next_command(findings, data, flags),
    )  # fmt: skip


def next_command(findings: Sequence[Finding], data: str, flags: Sequence[str]) -> str:
    """The command of the first finding that comes before a training; without such a finding, the training."""
    given = shlex.join(["--data", data, *flags])
    first = next((one for one in findings if comes_first(one)), None)
    if not first:
        return f"boxwright run {given} --out runs/first"
    found = COMMAND.search(first.remedy)
    return re.sub(r"^boxwright \w+ --data DATA", lambda _: f"boxwright diagnose {given}", found[1]) if found else ""


def comes_first(one: Finding) -> bool:
    """Whether to correct this before a training: wrong data, or wrong splits."""
    serious = one.severity in ("high", "medium") and one.cause in ("data_quality", "split")
    return (one.stops or serious) and not one.accepted


def validation(out: Path, warnings: Sequence[str]) -> Validation:
    found = read(out / "anomalies" / "validation.json")
    return Validation(
        out=out, page=out / "validation.html", warnings=tuple(warnings), verdict=found["verdict"],
        findings=tuple(map(finding, found["findings"])),
    )  # fmt: skip


def evaluation(out: Path, warnings: Sequence[str]) -> Evaluation:
    found = read(out / "evaluation" / "metrics.json")
    return Evaluation(
        out=out, page=out / "evaluation.html", warnings=(*warnings, *found["notices"]), split=found["split"],
        metrics=_metrics(found), per_class=found["per_class"],
    )  # fmt: skip


def run(out: Path, warnings: Sequence[str]) -> Run:
    found = read(out / "summary.json")
    trained, int8 = found["evaluation"]["float"], found["evaluation"]["int8"]
    return Run(
        out=out, page=out / "report.html", warnings=tuple(warnings), findings=tuple(map(finding, found["findings"])),
        verdict=found["verdict"], split=trained["split"], metrics=_metrics(trained), metrics_int8=_metrics(int8),
        per_class=trained["per_class"], model=artifact(out, "train", "model"), tflite=artifact(out, "export", "tflite"),
    )  # fmt: skip


def read(file: Path) -> dict[str, Any]:
    """The content of a JSON file of ours. Raises Error if it is missing or damaged."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Error(f"{file} cannot be read ({error}); run the command again") from None


def artifact(out: Path, task: str, name: str) -> Path:
    """The path of an output of a task of a run. Raises Error if the run has none."""
    for one in read(out / "lineage.json")["tasks"]:
        if one["name"] == task and name in one["outputs"]:
            return out / one["outputs"][name]["path"]
    raise Error(f"{out}: this run has no {name} of {task}; give the folder of a run that has ended")


def measured_split(records: Path) -> str:
    """The split of converted images that tells most about a detector: the first of test, val and train that has objects."""
    splits = read(records / "dataset.json")["splits"]
    return next((name for name in ("test", "val", "train") if splits[name]["objects"]), "test")


def _metrics(found: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: value for name, value in found.items() if re.fullmatch(r"A[PR][a-z\d]*", name)}


def _per_class(numbers: Mapping[str, Mapping[str, float | None]]) -> Any:
    rows = [{"class": name, **one} for name, one in numbers.items()]
    return tables.from_rows(rows, tuple(rows[0]) if rows else ("class",))


def _numbers(metrics: Mapping[str, float | None]) -> str:
    shown = ((name, metrics.get(name)) for name in ("AP50", "AP"))
    return ", ".join(f"{name} {value:.3f}" for name, value in shown if value is not None) or "no object to measure"


def _listed(findings: Sequence[Finding]) -> list[str]:
    return [f"{rank}. [{one.severity}] {one.title}" for rank, one in enumerate(findings, 1)]


def _told(answer: Answer) -> list[str]:
    return [*(f"warning: {one}" for one in answer.warnings), f"page: {answer.page}"]

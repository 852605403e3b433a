"""The functions of `boxwright` in Python. Their keywords are the flags of the command line."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from boxwright import graph_flags
from boxwright.api import answers, keywords, process
from boxwright.api.answers import Diagnosis, Evaluation, Run, Validation
from boxwright.api.keywords import takes
from boxwright.api.process import Error
from boxwright.convert.config import Config as Convert
from boxwright.core.runtime.flags import Flag, Input, Output, flags
from boxwright.evaluate.config import Config as Evaluate
from boxwright.validate.config import Config as Validate

Place = str | os.PathLike[str]
# Tasks of the graphs, for the progress.
TASKS = {"diagnose": 5, "finetune": 11}
_DIAGNOSE, _RUN = graph_flags.of_run("diagnose"), graph_flags.of_run("finetune")


def _parameters(*configs: type) -> list[Flag]:
    """The flags of steps that are neither artifacts nor outputs. If steps share one, the first defines it."""
    named = {flag.name: flag for config in reversed(configs) for flag in flags(config)}
    return [
        flag for flag in named.values() if not flag.mark(Output) and not (flag.mark(Input) and flag.mark(Input).kfp)
    ]


_CONVERT = [flag for flag in _parameters(Convert) if flag.name not in ("fingerprint", "beam_options")]
_VALIDATE = [*_CONVERT, *_parameters(Validate)]
_EVALUATE = [*(flag for flag in _CONVERT if flag.name not in ("data", "label_map")), *_parameters(Evaluate)]


@takes(_DIAGNOSE)
def diagnose(data: Place | Sequence[Place], **flags: Any) -> Diagnosis:
    """Finds out why a detector is poor on these images and what to change. It takes about a minute, and trains nothing.

    data: folder with the images and their annotations, or several. Returns the findings, the page, the recipe and the next
    command; a notebook shows the page. Raises boxwright.Error with a sentence about what is wrong, and TypeError for an unknown
    keyword. Ctrl-C and a notebook's stop button end it.

        answer = boxwright.diagnose("my_images")
        answer.findings[0].title

    Each of the flags of `boxwright diagnose --data` is a keyword:
    """
    given = {"data": _text(data), "out": "diagnosis", **flags}
    folder = _local(given["out"])
    with process.shown("diagnose", TASKS["diagnose"]) as progress:
        warnings = process.run(["diagnose", *keywords.words(_DIAGNOSE, given)], progress)
    only_here = {"out", "given", *(flag.name for flag in graph_flags.of_detector("diagnose"))}
    again = {name: value for name, value in flags.items() if name not in only_here}
    return answers.diagnosis(folder, _text(data), keywords.words(_RUN, again), warnings)


@takes(_RUN)
def run(data: Place | Sequence[Place], **flags: Any) -> Run:
    """Trains a detector on these images and measures it: from the images to a model, TFLite files and a report.

    data: folder with the images and their annotations, or several. Returns the metrics, the report, and the paths of the model
    and the TFLite files; a notebook shows the report. Raises as `diagnose`, and boxwright.Error if the data are not ready to
    train on. Ctrl-C ends it; the same call resumes it.

        trained = boxwright.run("my_images", out="runs/first")
        trained.metrics["AP50"]

    Each of the flags of `boxwright run` is a keyword:
    """
    folder = _local(flags["out"])
    with process.shown("run", TASKS["finetune"]) as progress:
        warnings = process.run(["run", *keywords.words(_RUN, {"data": data, **flags})], progress)
    return answers.run(folder, warnings)


@takes(_VALIDATE)
def validate(data: Place | Sequence[Place], *, out: Place = "validation", **flags: Any) -> Validation:
    """Checks whether these images and annotations are fit to train on: `boxwright convert`, then `boxwright validate`.

    data: folder with the images and their annotations, or several. out: folder for the page and all files. Returns the verdict
    and the findings; a notebook shows the page. Raises as `diagnose`.

        boxwright.validate("my_images").verdict

    Each of the flags of `boxwright convert` and `boxwright validate` is a keyword:
    """
    folder = _local(out)
    with process.shown("validate", 2) as progress:
        warnings = _step(progress, "convert", Convert, folder, {**flags, "data": _text(data)})
        warnings += _step(progress, "validate", Validate, folder, flags)
    return answers.validation(folder, warnings)


@takes(_EVALUATE)
def evaluate(
    model: Place, data: Place | Sequence[Place] | None = None, *, out: Place = "evaluation", **flags: Any
) -> Evaluation:
    """Measures a trained detector with the COCO metrics: `boxwright evaluate`, after `boxwright convert` for other images.

    model: folder of a `boxwright.run` (or what it returned), of a trained model, or of TFLite files. data: images with
    annotations; default: the test split of the run. Their classes must be the model's. If they have a test split, it is measured;
    if they have no splits, all of them are. out: folder for the page and all files. Returns the metrics; a notebook shows the
    page. Raises as `diagnose`.

        boxwright.evaluate("runs/first", "new_images").metrics["AP50"]

    Each of the flags of `boxwright evaluate`, and of `boxwright convert` for `data`, is a keyword:
    """
    folder, variant = _local(out), flags.get("variant", "trained")
    model_folder, records = _evaluated(_local(model), variant, other_data=data is not None)
    steps = ["evaluate"] if data is None else ["convert", "evaluate"]
    with process.shown("evaluate", len(steps)) as progress:
        warnings = []
        if data is not None:
            label_map = model_folder / "label_map.pbtxt"
            known = {"label_map": label_map} if label_map.is_file() else {}
            whole = {"split_fractions": "1,0,0", **flags, **known, "data": _text(data)}
            warnings += _step(progress, "convert", Convert, folder, whole)
            records = folder / "records"
            flags = {"split": answers.measured_split(records), **flags}
        warnings += _step(progress, "evaluate", Evaluate, folder, {**flags, "model": model_folder, "records": records})
    return answers.evaluation(folder, warnings)


def _evaluated(model: Path, variant: str, *, other_data: bool) -> tuple[Path, Path]:
    """The folder of the model, and the records of its run. Raises Error for a model without a run if there are no other data."""
    if (model / "lineage.json").is_file():
        task, name = ("train", "model") if variant == "trained" else ("export", "tflite")
        return answers.artifact(model, task, name), answers.artifact(model, "convert", "records")
    if not other_data:
        raise Error(f"{model} is not the folder of a run, so it has no images; give them: evaluate(model, data)")
    return model, model


def _step(progress: process.Progress, step: str, config: type, out: Path, given: dict[str, Any]) -> list[str]:
    """Runs one step with its inputs and outputs in `out`. given: its other flags; what it does not know is left out."""
    progress.begin(step)
    out.mkdir(parents=True, exist_ok=True)
    known = flags(config)
    artifacts = {flag.name: out / flag.name for flag in known if flag.mark(Input) and flag.mark(Input).kfp}
    outputs = {flag.name: out / flag.default for flag in known if flag.mark(Output)}
    warnings = process.run([step, *keywords.words(known, {**artifacts, **given, **outputs})], progress)
    progress.finish()
    return warnings


def _local(place: Place) -> Path:
    """Raises Error for an address: the answer shows files of this machine."""
    if "://" in str(place):
        raise Error(
            f"{place} is not a folder of this machine; give one (only the command line works with a bucket here)"
        )
    return Path(place).expanduser().resolve()


def _text(data: Place | Sequence[Place]) -> str:
    """Raises Error for no data: an empty path would mean the current folder."""
    text = os.fspath(data) if isinstance(data, str | os.PathLike) else ",".join(str(one) for one in data)
    if not text.strip():
        raise Error("--data is empty; give a folder (use . for the current one)")
    return text

"""A checkpoint that the training does not load, loads as something that it is not, or has not at all."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.given.checkpoint import Checkpoint
from boxwright.diagnose.given.pipeline_config import PipelineConfig
from boxwright.diagnose.inputs import Inputs

_FIELD = "pipeline.config: train_config.fine_tune_checkpoint"
_BY_NAME = "judged by the name of the file"
# The classes of the COCO checkpoints of both model zoos.
_COCO = 90


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if config := inputs.training.config:
        yield judge(config)


def judge(config: PipelineConfig) -> Finding | None:
    """The gravest thing that is wrong with the checkpoint. Sources: see `given/checkpoint.py`."""
    found = config.checkpoint
    if not found.path:
        return _none()
    checks = (
        _version(found, config.network.keras),
        _kind(found),
        _whole_head(config),
        _type_of_keras(config),
        _head(config),
    )
    return next((one for one in checks if one), None)


def _finding(id: str, severity: Severity, title: str, claim: str, remedy: str, *, sure: bool = True) -> Finding:
    return Finding(
        id=id,
        cause="recipe",
        severity=severity,
        title=title,
        claim=claim,
        evidence=(Evidence(metric="checkpoints that are wrong", value=1, n=1, where=_FIELD),),
        remedy=remedy,
        expected_effect="not measured here",
        confidence="high" if sure else "medium",
    )


def _none() -> Finding:
    return _finding(
        "no_checkpoint",
        "high",
        "The training starts from random numbers",
        "fine_tune_checkpoint is not set, so all weights start from random numbers. A detector from scratch needs a hundred "
        "thousand "
        "images or more.",
        "Set fine_tune_checkpoint to a detector that was trained on COCO, and fine_tune_checkpoint_type to detection.",
    )


def _version(found: Checkpoint, keras: bool) -> Finding | None:
    """The loader of TF 2 stops at version V1 and at files of TF 1; that of TF 1 finds no variable in files of TF 2."""
    if keras and found.version == 1:
        file = f"; {found.file} is called like a file of TF 2" if found.format == 2 else ""
        return _finding(
            "checkpoint_version",
            "high",
            "The checkpoint is declared as TF 1, the network is of TF 2",
            "The network is a Keras network of TF 2, and fine_tune_checkpoint_version is V1 (the default if it is missing). "
            f"model_main_tf2 then stops with: Checkpoint version should be V2{file}.",
            "Type fine_tune_checkpoint_version: V2, with a checkpoint of the TF 2 model zoo.",
        )
    if (keras and found.format == 1) or (not keras and (found.version == 2 or found.format == 2)):
        here, there = ("2", "1") if keras else ("1", "2")
        return _finding(
            "checkpoint_version",
            "high",
            f"The checkpoint is of TF {there}, the network is of TF {here}",
            f"The network is of TF {here}. {found.file} is a checkpoint of TF {there}, whose variables have other names: "
            + (
                "model_main_tf2 stops." if keras else "none of them is loaded, and training starts from random numbers."
            ),
            f"Use a checkpoint of the TF {here} model zoo, or the feature extractor of TF {there}.",
            sure=False,
        )
    return None


def _kind(found: Checkpoint) -> Finding | None:
    wanted = "classifier" if found.type == "classification" else "detector"
    if not found.content or found.content == wanted:
        return None
    said = f"fine_tune_checkpoint_type is {found.type}" if found.named else f"without a type it is read as {found.type}"
    effect = (
        "Only a backbone is looked for, under the names of a classifier. TF 2 stops, and TF 1 loads nothing."
        if wanted == "classifier"
        else "The names of a detector's variables are looked for. TF 2 stops, and TF 1 loads nothing."
    )
    right = "detection" if found.content == "detector" else "classification"
    return _finding(
        "checkpoint_kind",
        "high",
        f"The checkpoint is a {found.content}, but it is loaded as a {wanted}",
        f"{found.file} is a {found.content} ({_BY_NAME}), and {said}. {effect}",
        f'Type fine_tune_checkpoint_type: "{right}". '
        + ("" if right == "detection" else "Better: start from a COCO detector."),
        sure=False,
    )


def _whole_head(config: PipelineConfig) -> Finding | None:
    """`full` loads every variable, and the shapes of the head's must be equal."""
    found, classes = config.checkpoint, config.ssd.num_classes
    if found.type not in ("full", "fine_tune") or found.content != "detector" or classes == _COCO:
        return None
    return _finding(
        "checkpoint_kind",
        "medium",
        "The whole detector is loaded, with a head of other classes",
        f"fine_tune_checkpoint_type is {found.type}, which loads the head, too. A COCO checkpoint has a head for {_COCO} "
        f"classes, and "
        f"num_classes is {classes}: the shapes differ, and loading stops. It is right only for your own checkpoint of these "
        f"classes.",
        'Type fine_tune_checkpoint_type: "detection".',
        sure=False,
    )


def _type_of_keras(config: PipelineConfig) -> Finding | None:
    """Source: model_lib_v2.train_loop."""
    if not (config.network.keras and config.checkpoint.whole):
        return None
    return _finding(
        "checkpoint_head",
        "high",
        "A setting of TF 1 stops this training of TF 2",
        "load_all_detection_checkpoint_vars is true, and the network is of TF 2: model_main_tf2 stops with: "
        "load_all_detection_checkpoint_vars unsupported in TF2.",
        "Delete load_all_detection_checkpoint_vars.",
    )


def _head(config: PipelineConfig) -> Finding | None:
    """TF 1 loads the variables of the feature extractor only, unless it is told to load all whose shapes fit."""
    found = config.checkpoint
    if config.network.keras or found.type != "detection" or found.whole:
        return None
    return _finding(
        "checkpoint_head",
        "low",
        "The detector's head is not loaded, although its boxes fit",
        "fine_tune_checkpoint_type is detection without load_all_detection_checkpoint_vars: TF 1 loads the feature extractor, "
        "and the "
        "whole head starts from random numbers, also the part that places boxes, which does not depend on the classes.",
        "Type load_all_detection_checkpoint_vars: true. Variables whose shape differs are left out.",
        sure=False,
    )


KIND = Kind(ids=("no_checkpoint", "checkpoint_version", "checkpoint_kind", "checkpoint_head"), find=find, rests_on=())

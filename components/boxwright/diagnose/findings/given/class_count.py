"""A number of classes that is not that of the data."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count, part_of
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs

_NAMED = 5


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if config := inputs.training.config:
        yield judge(inputs.data, config.ssd.num_classes)


def judge(data: Data, outputs: int) -> Finding | None:
    """outputs: num_classes of the config."""
    classes = len(data.classes)
    if outputs == classes:
        return None
    return _too_few(data, outputs) if outputs < classes else _too_many(outputs, classes)


def _too_few(data: Data, outputs: int) -> Finding:
    """Source: object_detection.model_lib makes one-hot targets of num_classes. The target of a higher id is all zero."""
    lost, names = data.boxes_in("train")[1] > outputs, data.classes[outputs:]
    return Finding(
        id="num_classes_few",
        cause="recipe",
        severity="high",
        title=f"The network has {count(outputs, 'output')}, but the data have {len(data.classes)} classes",
        claim=f"The network has {count(outputs, 'output')} for {len(data.classes)} classes. {few(list(names), _NAMED)} "
        f"{'has' if len(names) == 1 else 'have'} none: {part_of(float(lost.mean()), 'training objects')} are trained as "
        f"background, "
        "without an error.",
        evidence=(_evidence(outputs, len(data.classes)),),
        remedy=f"Type num_classes: {len(data.classes)} in model.ssd, and list all classes in the label map, with ids from 1.",
        expected_effect="not measured here; these classes are never detected",
    )


def _too_many(outputs: int, classes: int) -> Finding:
    coco = ", which is the number of COCO's" if outputs == 90 else ""
    return Finding(
        id="num_classes_many",
        cause="recipe",
        severity="medium",
        title=f"The network has outputs for {outputs} classes, but the data have {classes}",
        claim=f"num_classes is {outputs}{coco}. The data have {count(classes, 'class')}, so "
        f"{count(outputs - classes, 'output')} have "
        "no object to learn and no name. A detection of one of them has an id that the label map does not have. If the head "
        "comes "
        "from another detector with as many classes, it keeps detecting that detector's classes at first.",
        evidence=(_evidence(outputs, classes),),
        remedy=f"Type num_classes: {classes} in model.ssd, the number of items of your label map.",
        expected_effect="not measured here",
        confidence="high",
    )


def _evidence(outputs: int, classes: int) -> Evidence:
    return Evidence(metric="num_classes", value=outputs, n=classes, where="pipeline.config: model.ssd.num_classes")


KIND = Kind(ids=("num_classes_few", "num_classes_many"), find=find, rests_on=())

"""Variables that a training keeps as they are, and patterns that name none."""

import re
from collections.abc import Iterator, Sequence

from boxwright.core.findings import Evidence, Finding
from boxwright.core.runtime.errors import few
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.given.pipeline_config import PipelineConfig
from boxwright.diagnose.inputs import Inputs

_BACKBONE, _ADDED, _HEAD = "the backbone", "the feature maps that the detector adds", "the head"
_SLIM, _KERAS = "FeatureExtractor/MobilenetV{0}/", "ssd_mobile_net_v{0}_keras_feature_extractor/FeatureMaps/"
_TF1_HEAD, _TF2_HEAD = "BoxPredictor_0/BoxEncodingPredictor/weights", "BoxPredictor/BoxEncodingPredictor/kernel:0"
# Typical names of variables by TensorFlow and version of MobileNet: the first and the last layer of the backbone, the maps
# that an
# SSD adds, and the head. Read from the models of the OD API and from checkpoints of the zoo.
_VARIABLES = {
    (1, 1): (
        ["MobilenetV1/Conv2d_0/weights", "MobilenetV1/Conv2d_13_pointwise/weights"],
        "Conv2d_13_pointwise_1_Conv2d_2_1x1_256/weights",
    ),
    (1, 2): (["Conv/weights", "expanded_conv_16/project/weights"], "layer_19_1_Conv2d_2_1x1_256/weights"),
    (2, 1): (["conv1/kernel:0", "conv_pw_13/kernel:0"], "Conv2d_13_pointwise_1_Conv2d_2_1x1_256_conv/kernel:0"),
    (2, 2): (["Conv1/kernel:0", "block_16_project/kernel:0"], "layer_19_1_Conv2d_2_1x1_256_conv/kernel:0"),
}
_LONGEST_PATTERN = 200


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if config := inputs.training.config:
        yield judge(config)


def judge(config: PipelineConfig) -> Finding | None:
    train = config.train
    if not train.freeze_variables and not train.update_trainable_variables:
        return None
    frozen, matched = frozen_parts(config)
    if not matched:
        return _unmatched(config, [*train.freeze_variables, *train.update_trainable_variables])
    return _frozen(config, frozen) if _BACKBONE in frozen or _HEAD in frozen else None


def variables(config: PipelineConfig) -> dict[str, list[str]]:
    """Names of typical variables by part of the network."""
    version, keras = 2 if "_v2" in config.network.extractor else 1, config.network.keras
    backbone, added = _VARIABLES[2 if keras else 1, version]
    first, scope = ("", _KERAS.format(version)) if keras else (_SLIM.format(version),) * 2
    head = _TF2_HEAD if keras else _TF1_HEAD
    return {_BACKBONE: [first + name for name in backbone], _ADDED: [scope + added], _HEAD: [head]}


def frozen_parts(config: PipelineConfig) -> tuple[list[str], bool]:
    """The parts of which all variables are frozen, and whether a pattern names any variable.

    Source: tf_slim.filter_variables, which searches the patterns in the names.
    """
    train, parts = config.train, variables(config)
    excluded, included = _searched(train.freeze_variables), _searched(train.update_trainable_variables)
    names = [name for of_part in parts.values() for name in of_part]
    matched = any(one.search(name) for one in (*excluded, *included) for name in names)

    def trains(name: str) -> bool:
        wanted = not included or any(one.search(name) for one in included)
        return wanted and not any(one.search(name) for one in excluded)

    return [part for part, of_part in parts.items() if not any(map(trains, of_part))], matched


def _searched(patterns: Sequence[str]) -> list[re.Pattern]:
    """Patterns that Python can compile. A stranger's pattern may take long, so only plain ones are tried."""
    plain = (
        pattern for pattern in patterns if len(pattern) <= _LONGEST_PATTERN and not re.search(r"[)*+}][*+{]", pattern)
    )
    return [found for found in map(_compiled, plain) if found]


def _compiled(pattern: str) -> re.Pattern | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _frozen(config: PipelineConfig, parts: Sequence[str]) -> Finding:
    classifier = config.checkpoint.content == "classifier" or not config.checkpoint.path
    random = _ADDED in parts and classifier
    everything = _HEAD in parts and _BACKBONE in parts
    why = "Nothing is left to learn." if everything else "Only what is left learns your objects."
    if _HEAD in parts and not everything:
        why = "The head never learns your classes."
    if random and not everything:
        start = (
            f"{config.checkpoint.file} is a classifier, which lacks them"
            if config.checkpoint.path
            else "no checkpoint has them"
        )
        why += f" {_ADDED.capitalize()} stay random numbers, because {start}."
    return Finding(
        id="variables_frozen",
        cause="recipe",
        severity="high" if random or _HEAD in parts else "medium",
        title=f"The training freezes {' and '.join(parts)}",
        claim=f"{_patterns(config)} keep {', '.join(parts)} at {'their' if len(parts) > 1 else 'its'} initial values in all "
        f"steps. "
        f"{why} A frozen backbone sees your pictures as it saw those that it was trained on.",
        evidence=(
            Evidence(
                metric="frozen parts of the network", value=len(parts), n=3, where="pipeline.config: train_config"
            ),
        ),
        remedy="Delete freeze_variables and update_trainable_variables, or freeze only for the first tenth of the steps. "
        "`boxwright train` does that: head first, then the whole network.",
        expected_effect="not measured here",
        confidence="medium",
    )


def _patterns(config: PipelineConfig) -> str:
    train = config.train
    named = [f"freeze_variables: {few(list(train.freeze_variables), 3)}"] if train.freeze_variables else []
    if train.update_trainable_variables:
        named.append(f"update_trainable_variables: {few(list(train.update_trainable_variables), 3)}")
    return " and ".join(named)


def _unmatched(config: PipelineConfig, patterns: Sequence[str]) -> Finding:
    first = variables(config)[_BACKBONE][0]
    return Finding(
        id="freeze_unmatched",
        cause="recipe",
        severity="low" if config.train.freeze_variables else "high",
        title="The patterns of what to freeze name no variable of this network",
        claim=f"{_patterns(config)}: no typical variable of {config.network.extractor} has such a name. Its backbone begins with "
        f"{first}. So nothing is frozen, or nothing is trained.",
        evidence=(
            Evidence(metric="patterns", value=len(patterns), n=len(patterns), where="pipeline.config: train_config"),
        ),
        remedy="Delete the patterns, or write them as the variables of this network are called.",
        expected_effect="not measured here",
        confidence="medium",
    )


KIND = Kind(ids=("variables_frozen", "freeze_unmatched"), find=find, rests_on=())

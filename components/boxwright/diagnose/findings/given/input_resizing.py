"""A resizer that squeezes the images, or fills much of the input with padding."""

from collections.abc import Iterator

from boxwright.core.findings import Evidence, Finding, Severity
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.given.resizer import Resizer
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import at_least

_STRETCH: dict[Severity, float] = {"medium": 2.0, "low": 1.5}  # set by hand
_PADDING: dict[Severity, float] = {"low": 0.4}  # share of the input; set by hand
_WHERE = "pipeline.config: model.ssd.image_resizer, for an image of the median size"


def find(inputs: Inputs) -> Iterator[Finding | None]:
    if config := inputs.training.config:
        images = len(inputs.data.images_in("train"))
        yield squeezed(config.resizer, images)
        yield padded(config.resizer, images)


def squeezed(resizer: Resizer, images: int) -> Finding | None:
    times = max(resizer.stretch, 1 / resizer.stretch)
    severity = at_least(times, _STRETCH)
    if not severity:
        return None
    side = "wider" if resizer.stretch > 1 else "narrower"
    return Finding(
        id="input_distorts",
        cause="recipe",
        severity=severity,
        title=f"The input makes objects {times:.2g} times {side} than they are",
        claim=f"The training resizes every image with {resizer.told}, whatever its shape. An image of the median shape becomes "
        f"{times:.2f} times {side}. The anchors and the initial weights are made for objects of their own shape.",
        evidence=(Evidence(metric="stretch of the median image", value=round(times, 4), n=images, where=_WHERE),),
        remedy="Crop the images to a squarer shape or cut them into tiles before you convert them, or use a "
        "fixed_shape_resizer of "
        "their shape. The same resizing must be used where the model is applied.",
        expected_effect="not measured here",
        confidence="medium",
    )


def padded(resizer: Resizer, images: int) -> Finding | None:
    severity = at_least(resizer.padding, _PADDING)
    if not severity:
        return None
    return Finding(
        id="input_padded",
        cause="recipe",
        severity=severity,
        title=f"{resizer.padding:.0%} of the network's input is padding",
        claim=f"With {resizer.told}, an image of the median size fills {1 - resizer.padding:.0%} of the input. The rest costs "
        f"as much "
        "time and shows nothing.",
        evidence=(
            Evidence(metric="padding of the median image", value=round(resizer.padding, 4), n=images, where=_WHERE),
        ),
        remedy="Use a fixed_shape_resizer of the images' shape.",
        expected_effect="not measured here; it saves time",
        confidence="high",
    )


KIND = Kind(ids=("input_distorts", "input_padded"), find=find, rests_on=())

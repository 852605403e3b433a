"""The order of the colour channels."""

from collections.abc import Iterator
from dataclasses import replace

from boxwright.examine.hypotheses.hypothesis import Facts, Hypothesis, Other
from boxwright.examine.reading.reading import Reading


def others(reading: Reading, facts: Facts) -> Iterator[Other]:
    if not facts.detector.takes:
        return
    now = reading.feeding.channels
    wanted = "BGR" if now == "RGB" else "RGB"
    how = "cv2.cvtColor(image, cv2.COLOR_BGR2RGB)" if wanted == "RGB" else "image[..., ::-1]"
    yield Other(
        replace(reading, feeding=replace(reading.feeding, channels=wanted)),
        f"The detector expects {wanted} images, and is fed {now}",
        f"Swap red and blue before the detector: `{how}`. OpenCV reads BGR, Pillow and TensorFlow read RGB.",
    )


HYPOTHESIS = Hypothesis("channels", others)

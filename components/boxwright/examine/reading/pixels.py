"""Makes the input tensor of an image for one way of feeding it."""

import numpy as np

from boxwright.core.od_api.image_preprocessing import resized
from boxwright.core.od_api.tflite_detector import quantize
from boxwright.examine.reading.reading import Feeding
from boxwright.examine.running.raw import Detector

# The gray of the border that YOLO's tools add.
_GRAY = 114


def tensor(image: np.ndarray, detector: Detector, feeding: Feeding) -> np.ndarray:
    """The input (1, height, width, 3) of an image (h, w, 3) uint8 RGB, in the detector's own type.

    A detector that takes any size gets the image as it is.
    """
    pixels = image[..., ::-1] if feeding.channels == "BGR" else image
    if detector.scales_itself:
        return _sized(pixels, detector, feeding)[None].round().astype(np.uint8)
    scaled = SCALED[feeding.scaling](_sized(pixels, detector, feeding))[None].astype(np.float32)
    return quantize(scaled, {"dtype": np.dtype(detector.takes), "quantization": detector.quantization})


SCALED = {
    "symmetric": lambda pixels: pixels / 127.5 - 1,
    "unit": lambda pixels: pixels / 255.0,
    "pixels": lambda pixels: pixels,
}


def _sized(pixels: np.ndarray, detector: Detector, feeding: Feeding) -> np.ndarray:
    """The pixels (height, width, 3), 0..255, in the size of the input."""
    if not detector.height:
        return pixels
    if feeding.fit == "stretch":
        return resized(pixels, detector.height, detector.width)
    height, width = inner_size(pixels.shape[:2], (detector.height, detector.width))
    top, left = (detector.height - height) // 2, (detector.width - width) // 2
    framed = np.full((detector.height, detector.width, 3), _GRAY, np.float32)
    framed[top : top + height, left : left + width] = resized(pixels, height, width)
    return framed


def inner_size(image: tuple[int, ...], frame: tuple[int, int]) -> tuple[int, int]:
    """Height and width of an image inside a frame of another shape. Both are (height, width) in pixels."""
    scale = min(frame[0] / image[0], frame[1] / image[1])
    return max(1, round(image[0] * scale)), max(1, round(image[1] * scale))


def window(image: tuple[int, int], detector: Detector, feeding: Feeding) -> np.ndarray:
    """(4,) yxyx of the image inside the input, as fractions of the input. (0, 0, 1, 1) if the image fills it."""
    if feeding.fit == "stretch" or not detector.height:
        return np.array([0.0, 0.0, 1.0, 1.0])
    frame = detector.height, detector.width
    height, width = inner_size(image, frame)
    top, left = (frame[0] - height) // 2 / frame[0], (frame[1] - width) // 2 / frame[1]
    return np.array([top, left, top + height / frame[0], left + width / frame[1]])

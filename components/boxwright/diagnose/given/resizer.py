"""The size at which the network of a config sees an image. Source: object_detection.core.preprocessor.resize_to_range."""

from dataclasses import dataclass
from typing import Any

from boxwright.core.runtime.errors import UserError

# Pixels of a side; the zoo has 300 to 1024.
_SIDES = (16, 8192)
_READ = ("fixed_shape_resizer", "keep_aspect_ratio_resizer")


@dataclass(frozen=True, kw_only=True)
class Resizer:
    """What happens to an image of the median size.

    fixed: whether all images get one size and fill it. told: in words. height, width: of the input, pixels. seen: the height
    and width of the image in it; less than the input if it is padded. stretch: width over height of the image at the input,
    over that of the image itself; 1: it keeps its shape.
    """

    fixed: bool
    told: str
    height: int
    width: int
    seen: tuple[int, int]
    stretch: float

    @property
    def square(self) -> bool:
        """Whether every image fills a square input, as with Boxwright."""
        return self.fixed and self.height == self.width

    @property
    def side(self) -> int:
        """The side of the square that has as many pixels as the image has at the input."""
        return round((self.seen[0] * self.seen[1]) ** 0.5)

    @property
    def padding(self) -> float:
        """The share of the input that is padding."""
        return 1 - self.seen[0] * self.seen[1] / (self.height * self.width)


def read(message: Any, image: tuple[float, float]) -> Resizer:
    """message: an ImageResizer. image: height and width of the median image, pixels. Raises UserError for other resizers, and for
    sizes that no training has."""
    kind = message.WhichOneof("image_resizer_oneof")
    if kind not in _READ:
        raise UserError(f"model.ssd.image_resizer: {kind or 'none'}; Boxwright reads {' and '.join(_READ)}")
    values = getattr(message, kind)
    if kind == "fixed_shape_resizer":
        return _fixed(values, image)
    return _keep_aspect(values, image)


def _checked(field: str, value: int) -> int:
    if not _SIDES[0] <= value <= _SIDES[1]:
        raise UserError(f"model.ssd.image_resizer.{field}: {value}; expected {_SIDES[0]} to {_SIDES[1]:,} pixels")
    return value


def _fixed(values: Any, image: tuple[float, float]) -> Resizer:
    height = _checked("fixed_shape_resizer.height", values.height)
    width = _checked("fixed_shape_resizer.width", values.width)
    return Resizer(
        fixed=True,
        told=f"fixed_shape_resizer to {width} x {height}",
        height=height,
        width=width,
        seen=(height, width),
        stretch=width / height / (image[1] / image[0]),
    )


def _keep_aspect(values: Any, image: tuple[float, float]) -> Resizer:
    least = _checked("keep_aspect_ratio_resizer.min_dimension", values.min_dimension)
    most = _checked("keep_aspect_ratio_resizer.max_dimension", values.max_dimension)
    if least > most:
        raise UserError(
            f"model.ssd.image_resizer.keep_aspect_ratio_resizer.min_dimension: {least}; expected at most max_dimension ({most})"
        )
    scale = min(least / min(image), most / max(image))
    seen = max(1, round(image[0] * scale)), max(1, round(image[1] * scale))
    height, width = (most, most) if values.pad_to_max_dimension else seen
    padded = f", padded to {most} x {most}" if values.pad_to_max_dimension else ""
    told = f"keep_aspect_ratio_resizer {least} to {most}{padded}"
    return Resizer(fixed=False, told=told, height=height, width=width, seen=seen, stretch=1.0)

"""Single values of annotation files."""

import math


def parse_number(text: str | None) -> float:
    """The number in a text; NaN if there is none."""
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan


def parse_size(width: str | None, height: str | None) -> tuple[int, int] | None:
    """(width, height) in pixels; None unless both are finite and above 0, as some tools write 0 x 0."""
    sides = parse_number(width), parse_number(height)
    return (int(sides[0]), int(sides[1])) if all(0 < side < 1e9 for side in sides) else None


def parse_group(value: object) -> str | None:
    """The value of the column that names an image's source, as text. None for an empty value, a list or a dict."""
    return None if value is None or isinstance(value, list | dict) else str(value).strip() or None

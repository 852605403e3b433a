# environment: data
"""Files as Label Studio writes them. The images have 64 x 48 pixels."""

import json
from typing import Any

# 8, 12, 24, 36 in pixels.
PLACE = {"x": 12.5, "y": 25.0, "width": 25.0, "height": 50.0, "rotation": 0}
SIZE = {"original_width": 64, "original_height": 48}
UPLOAD = "/data/upload/1/0123abcd-"


def item(kind: str = "rectanglelabels", label: Any = "nut", place: dict | None = None, **changes) -> dict:
    """An item of a result. kind: its type, which is also the key of its labels."""
    value = {**(PLACE if place is None else place), kind: [label] if isinstance(label, str) else label}
    found = {**SIZE, "image_rotation": 0, "value": value, "id": "Dx_aB91ISN", "from_name": "label", "to_name": "image"}
    return found | {"type": kind, "origin": "manual"} | changes


def annotation(*result: Any, **changes) -> dict:
    found = {"id": 7, "completed_by": 1, "result": list(result), "was_cancelled": False, "ground_truth": False}
    return found | {"created_at": "2024-03-09T22:16:08.728353Z", "updated_at": "2024-03-09T22:16:08.728378Z"} | changes


def task(name: str, *annotations: dict, number: int = 1, **changes) -> dict:
    found = {"id": number, "annotations": list(annotations), "drafts": [], "predictions": [], "data": {"image": name}}
    return found | {"meta": {}, "project": 1} | changes


def text(*tasks: Any) -> str:
    return json.dumps(tasks)


def short(name: str, *values: dict, number: int = 1, **changes) -> dict:
    """A task of JSON-MIN. values: of the regions."""
    found = {"image": name, "id": number, "label": [{**SIZE, **value} for value in values], "annotator": 1}
    return (
        found
        | {"annotation_id": 7, "created_at": "2024-03-09T22:16:08Z", "updated_at": "2024-03-09T22:16:08Z"}
        | changes
    )

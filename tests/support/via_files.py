# environment: data
"""Files as VGG Image Annotator writes them."""

import csv
import io
import json
from typing import Any

RECT = {"name": "rect", "x": 8, "y": 12, "width": 16, "height": 24}


def region(shape: Any = RECT, **attributes) -> dict:
    return {"shape_attributes": shape, "region_attributes": attributes or {"label": "nut"}}


def images(**regions: list | dict) -> dict:
    """VIA's annotations: `a=[...]` are the regions of a.jpg."""
    return {
        f"{name}.jpg99": {"filename": f"{name}.jpg", "size": 99, "regions": found, "file_attributes": {}}
        for name, found in regions.items()
    }


def project(metadata: dict, **options: dict) -> str:
    attributes = {name: {"type": "dropdown", "options": found} for name, found in options.items()}
    return json.dumps({
        "_via_settings": {"core": {"default_filepath": ""}}, "_via_img_metadata": metadata,
        "_via_attributes": {"region": attributes, "file": {}}, "_via_data_format_version": "2.0.10",
        "_via_image_id_list": list(metadata),
    })  # fmt: skip


def table(*rows: tuple, first: str = "filename", separator: str = ",") -> str:
    """The csv of VIA: name, number of regions, shape and attributes in each row."""
    text = io.StringIO()
    titles = [first, "file_size", "file_attributes", "region_count", "region_id", "region_shape_attributes"]
    write = csv.writer(text, delimiter=separator)
    write.writerow([*titles, "region_attributes"])
    for name, count, shape, attributes in rows:
        write.writerow([name, -1, "{}", count, 0, json.dumps(shape), json.dumps(attributes)])
    return text.getvalue()

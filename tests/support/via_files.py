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


def version_3(*regions: tuple[Any, dict], kind: int = 2) -> str:
    """A project of VIA 3 with a.jpg, which has these regions, and b.jpg. kind: of the files (2: images)."""
    files = {
        str(n): {"fid": n, "fname": name, "type": kind, "loc": 1, "src": ""} for n, name in ((1, "a.jpg"), (2, "b.jpg"))
    }
    attributes = {
        "1": {"aname": "class", "type": 3, "options": {"7": "nut", "8": "bolt"}, "anchor_id": "FILE1_Z0_XY1"},
        "2": {"aname": "marks", "type": 2, "options": {"1": "rusty", "2": "bent"}, "anchor_id": "FILE1_Z0_XY1"},
        "3": {"aname": "scan", "type": 1, "options": {}, "anchor_id": "FILE1_Z0_XY0"},
    }
    return json.dumps({
        "project": {"pid": "1", "pname": "p", "data_format_version": "3.1.1", "vid_list": ["1", "2"]}, "config": {},
        "attribute": attributes, "file": files, "view": {"1": {"fid_list": [1]}, "2": {"fid_list": [2]}},
        "metadata": {f"1_{n}": {"vid": "1", "flg": 0, "z": [], "xy": xy, "av": av} for n, (xy, av) in enumerate(regions)},
    })  # fmt: skip

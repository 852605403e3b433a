# environment: authoring
"""Texts of small annotation files. Each image has 64x48 pixels and one object `cat`, 8..24 by 12..36 pixels."""

import json

LABEL = "0 0.25 0.5 0.25 0.5\n"
VOC = """<annotation><size><width>64</width><height>48</height></size><object><name>cat</name>
<bndbox><xmin>8</xmin><ymin>12</ymin><xmax>24</xmax><ymax>36</ymax></bndbox></object></annotation>"""


def coco_json(*names: str, category: str = "cat") -> str:
    images = [{"id": i, "file_name": name, "width": 64, "height": 48} for i, name in enumerate(names, 1)]
    annotations = [{"image_id": image["id"], "category_id": 1, "bbox": [8, 12, 16, 24]} for image in images]
    return json.dumps({"images": images, "annotations": annotations, "categories": [{"id": 1, "name": category}]})


def csv_text(*names: str, category: str = "cat") -> str:
    rows = [f"{name},64,48,{category},8,12,24,36" for name in names]
    return "\n".join(["filename,width,height,class,xmin,ymin,xmax,ymax", *rows, ""])


def cvat_xml(*names: str, subset: str = "", category: str = "cat") -> str:
    where = f' subset="{subset}"' if subset else ""
    box = f'<box label="{category}" xtl="8" ytl="12" xbr="24" ybr="36"/>'
    images = [
        f'<image id="{i}" name="{name}"{where} width="64" height="48">{box}</image>' for i, name in enumerate(names)
    ]
    return f"<annotations>{''.join(images)}</annotations>"


def labelme_json(image_path: str, category: str = "cat") -> str:
    shape = {"label": category, "points": [[8, 12], [24, 36]], "shape_type": "rectangle"}
    return json.dumps({"shapes": [shape], "imagePath": image_path, "imageWidth": 64, "imageHeight": 48})


def via_json(name: str, category: str = "cat") -> str:
    shape = {"name": "rect", "x": 8, "y": 12, "width": 16, "height": 24}
    region = {"shape_attributes": shape, "region_attributes": {"label": category}}
    return json.dumps({f"{name}9": {"filename": name, "size": 9, "regions": [region], "file_attributes": {}}})


def labelstudio_json(name: str, category: str = "cat") -> str:
    value = {"x": 12.5, "y": 25.0, "width": 25.0, "height": 50.0, "rotation": 0, "rectanglelabels": [category]}
    item = {"id": "r", "type": "rectanglelabels", "original_width": 64, "original_height": 48, "value": value}
    return json.dumps([{"id": 1, "data": {"image": name}, "annotations": [{"id": 1, "result": [item]}]}])


def openimages_csv(number: str, category: str = "cat") -> str:
    titles = (
        "ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
    )
    return f"{titles}\n{number},xclick,{category},1,0.125,0.375,0.25,0.75,0,0,0,0,0\n"

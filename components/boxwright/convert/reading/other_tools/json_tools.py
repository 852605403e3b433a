"""Tools that write json, and logs with a json object in each line.

The first declaration that matches names the file, so a more special one comes first. The keys are those of the tools'
documentation and of published files.
"""

import re

from boxwright.convert.reading.other_tools.tool import COCO, WRITE, Tool

_JSON, _LINES, _BOTH = (".json",), (".jsonl", ".ndjson", ".manifest"), (".json", ".jsonl", ".ndjson")
_LABELBOX = f"{WRITE}; Labelbox's package has a converter to COCO (`labelbox[data]`)"
_FRACTIONS = f"{WRITE}: its coordinates are fractions, so multiply x by the width of the image and y by its height"
_SUPERVISELY = f"{COCO}: the app `Export to COCO` in Supervisely's Ecosystem does it; `Export to Pascal VOC`, too"
_DARWIN = (
    "export it as COCO json or Pascal VOC: `darwin dataset convert TEAM/DATASET coco` of the package darwin-py does it"
)
_VOTT = "choose `Pascal VOC` or `Tensorflow Records` in VoTT's export settings"
_ROBOFLOW = "choose `COCO` when you download the version from Roboflow"
_DATUMARO = "`datum convert -if {} -f coco_instances` of the package datumaro does it"


def _datumaro(kind: str) -> str:
    return f"{COCO}: {_DATUMARO.format(kind)}"


_LISTS = (
    Tool(
        name="Create ML json",
        suffixes=_JSON,
        keys=("image", "annotations", "label", "coordinates"),
        do=f"{COCO}: {_ROBOFLOW}; RectLabel exports it, too",
    ),
    Tool(
        name="Create ML json",
        suffixes=_JSON,
        keys=("imagefilename", "annotation", "label", "coordinates"),
        do=f"{COCO}: {_ROBOFLOW}; RectLabel exports it, too",
    ),
    Tool(
        name="Create ML json without objects",
        suffixes=_JSON,
        path=re.compile(r"createml\.json$", re.IGNORECASE),
        do=f"{COCO}: {_ROBOFLOW}",
    ),
    Tool(
        name="BDD100K's json (Scalabel)",
        suffixes=_JSON,
        keys=("labels", "box2d"),
        do=f"{COCO}: `python -m bdd100k.label.to_coco` of BDD100K's toolkit does it",
    ),
    Tool(
        name="Scale AI's json",
        suffixes=_BOTH,
        keys=("task_id", "response", "annotations"),
        do=WRITE,
    ),
    Tool(
        name="Labelbox's older json",
        suffixes=_JSON,
        keys=("Labeled Data", "Label", "DataRow ID"),
        do=_LABELBOX,
    ),
    Tool(
        name="a list of detections in COCO's form (a model's output), or COCO's annotations alone",
        suffixes=_JSON,
        keys=("image_id", "category_id", "bbox"),
        rows=re.compile(r"\["),
        do="give the COCO json with images, annotations and categories",
        by_people=False,
    ),
    Tool(name="Kili's json", suffixes=_JSON, keys=("jsonResponse",), do=f"{COCO}: choose `COCO` in Kili's export"),
    Tool(
        name="Azure Custom Vision's json",
        suffixes=_JSON,
        keys=("regions", "tagName", "left", "top"),
        do=WRITE,
    ),
)

_DOCUMENTS = (
    Tool(
        name="Datumaro json",
        suffixes=_JSON,
        keys=("items", "categories", "labels"),
        do=f"{COCO}: {_DATUMARO.format('datumaro')}; CVAT exports `COCO 1.0`, too",
    ),
    Tool(
        name="Supervisely json",
        suffixes=_JSON,
        keys=("classTitle", "geometryType"),
        do=_SUPERVISELY,
    ),
    Tool(
        name="Supervisely json",
        suffixes=_JSON,
        keys=("size", "objects", "tags", "description"),
        do=_SUPERVISELY,
    ),
    Tool(
        name="V7 Darwin json",
        suffixes=_JSON,
        keys=("item", "slots", "annotations"),
        do=_DARWIN,
    ),
    Tool(
        name="V7 Darwin json",
        suffixes=_JSON,
        keys=("dataset", "image", "annotations", "workview_url"),
        do=_DARWIN,
    ),
    Tool(
        name="SuperAnnotate json",
        suffixes=_JSON,
        keys=("metadata", "instances"),
        do=f'{COCO}: `sa.export_annotation` of the package superannotate with `dataset_format="COCO"` does it',
    ),
    Tool(
        name="VoTT json",
        suffixes=(".json", ".vott"),
        keys=("asset", "regions", "boundingBox"),
        do=_VOTT,
    ),
    Tool(
        name="VoTT json",
        suffixes=(".json", ".vott"),
        keys=("assets", "tags", "version"),
        do=_VOTT,
    ),
    Tool(
        name="Cityscapes json (polygons)",
        suffixes=_JSON,
        keys=("imgHeight", "imgWidth", "objects", "polygon"),
        do=f"{WRITE}: each box is the smallest around a polygon",
    ),
    Tool(
        name="FiftyOne json",
        suffixes=_JSON,
        keys=("samples", "filepath"),
        do=f"{COCO}: `dataset.export(dataset_type=fo.types.COCODetectionDataset)` does it",
    ),
    Tool(
        name="TensorFlow Datasets' description of its records",
        suffixes=_JSON,
        keys=("pythonClassName",),
        by_people=False,
        do=f"{WRITE}: `tfds.load` reads the records",
    ),
    Tool(
        name="TensorFlow Datasets' description of its records",
        suffixes=_JSON,
        keys=("fileFormat", "splits", "shardLengths"),
        do=f"{WRITE}: `tfds.load` reads the records",
    ),
    Tool(name="TT100K's json", suffixes=_JSON, keys=("imgs", "objects", "category"), do=WRITE),
    Tool(name="EuroCity Persons json", suffixes=_JSON, keys=("children", "identity", "imagename"), do=WRITE),
    Tool(name="IBM Cloud Annotations json", suffixes=_JSON, keys=("type", "labels", "annotations", "x2"), do=WRITE),
    Tool(
        name="Unity Perception json",
        suffixes=_JSON,
        keys=("captures", "annotations"),
        do=f"{COCO}: `solo2coco` of Unity's pysolotools does it",
    ),
    Tool(name="ASAM OpenLABEL json", suffixes=_JSON, keys=("openlabel",), do=WRITE),
    Tool(
        name="Encord's json", suffixes=_JSON, keys=("data_hash", "objectHash"), do=f"{COCO}: Encord's export offers it"
    ),
    Tool(
        name="Hasty's json",
        suffixes=_JSON,
        keys=("export_format_version", "label_classes"),
        do=f"{COCO}: Hasty's export offers it",
    ),
    Tool(
        name="Segments.ai's json",
        suffixes=_JSON,
        keys=("dataset", "samples", "ground-truth"),
        do=f"{COCO}: `export_dataset` of the package segments-ai does it",
    ),
    Tool(
        name="Dataloop's json",
        suffixes=_JSON,
        keys=("itemId", "annotations", "coordinates"),
        do=f"{COCO}: Dataloop's converters do it",
    ),
    Tool(name="a manifest of SageMaker Ground Truth", suffixes=_JSON, keys=("source-ref",), do=WRITE),
)

_ONE_A_LINE = (
    Tool(
        name="an output manifest of SageMaker Ground Truth or Amazon Rekognition",
        suffixes=(*_LINES, ".json"),
        keys=("source-ref",),
        do=f"{WRITE}: xmax is left + width, ymax is top + height; the names of the classes are in `class-map`",
    ),
    Tool(
        name="Vertex AI's jsonl (AutoML)",
        suffixes=_LINES,
        keys=("boundingBoxAnnotations",),
        do=_FRACTIONS,
    ),
    Tool(
        name="Vertex AI's jsonl (AutoML)",
        suffixes=_LINES,
        keys=("imageGcsUri",),
        do=_FRACTIONS,
    ),
    Tool(
        name="Hugging Face's imagefolder (metadata.jsonl)",
        suffixes=_LINES,
        keys=("file_name", "objects"),
        do=f"{WRITE}: its boxes are most often left, top, width, height, as COCO's",
    ),
    Tool(name="Labelbox's ndjson", suffixes=(*_LINES, ".json"), keys=("data_row", "projects"), do=_LABELBOX),
    Tool(
        name="Azure Machine Learning's jsonl",
        suffixes=_LINES,
        keys=("image_url", "label", "topX"),
        do=f"{COCO}: choose `COCO` in the export of the labelling project",
    ),
    Tool(name="Ultralytics' ndjson", suffixes=_LINES, keys=("class_names",), do="export it as YOLO (with data.yaml)"),
    Tool(
        name="Florence-2's jsonl",
        suffixes=_LINES,
        keys=("image", "prefix", "suffix"),
        rows=re.compile(r".*<loc_"),
        do=f"{COCO}: {_ROBOFLOW}",
    ),
    Tool(
        name="a jsonl of PaliGemma or Florence-2",
        suffixes=_LINES,
        keys=("image", "prefix", "suffix"),
        do=f"{COCO}: {_ROBOFLOW}",
    ),
    Tool(name="OpenAI's jsonl", suffixes=_LINES, keys=("messages", "role"), do=f"{COCO}: {_ROBOFLOW}"),
    Tool(name="CrowdHuman's odgt", suffixes=(".odgt",), keys=("gtboxes",), do=WRITE),
    Tool(name="Grounding DINO's jsonl (ODVG)", suffixes=_LINES, keys=("filename", "detection", "instances"), do=WRITE),
)

TOOLS = (*_ONE_A_LINE, *_LISTS, *_DOCUMENTS)

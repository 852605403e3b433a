"""Tools that write tables, rows of text, or xml of their own.

A number in a pattern can be matched in one way only, so that no file takes long.
"""

import re

from boxwright.convert.reading.other_tools.tool import ANY, COCO, WRITE, Tool

_TXT, _CSV = (".txt",), (".csv",)
_N = r"-?\d{1,9}(?:\.\d{0,20})?"
_IMAGE = r"[^\n]{0,500}\.(?:jpe?g|png|bmp|tiff?|webp|gif)"
_FRACTION = r"(?:0(?:\.\d{0,20})?|1(?:\.0{0,20})?)?"
_DOTA = "convert it to YOLO OBB, which is read: `ultralytics.data.converter.convert_dota_to_yolo_obb` does it; or write COCO json"
_SUBSETS = "(?:TRAIN|TRAINING|TEST|VALIDATION|VALIDATE|UNASSIGNED)"


def _row(pattern: str) -> re.Pattern[str]:
    """A pattern for a whole first line."""
    return re.compile(rf"{pattern}[ \t]*(?:\r?\n|\r|$)", re.IGNORECASE)


_NOT_THERE = (
    Tool(
        name="a pointer of Git LFS, not the file",
        suffixes=ANY,
        rows=re.compile(r"version https://git-lfs"),
        do="run `git lfs pull` in its repository",
    ),
    Tool(
        name="a web page, most often of a download that failed",
        suffixes=ANY,
        rows=re.compile(r"<(?:!doctype html|html)\b", re.IGNORECASE),
        do="download the file again",
    ),
)

_TABLES = (
    Tool(
        name="Google AutoML Vision's csv (Vertex AI), which has no header line",
        suffixes=_CSV,
        rows=_row(rf"(?:{_SUBSETS},)?(?:gs://)?[^,\n]{{1,500}},[^,\n]{{0,200}}(?:,{_FRACTION}){{8}}"),
        do="write one with the header line `filename,class,xmin,ymin,xmax,ymax` and pixels: multiply its fractions by the width "
        "(x) or height (y) of the image; or give the data as COCO json",
    ),
    Tool(
        name="Google AutoML Vision's csv (Vertex AI) for whole images, without boxes",
        suffixes=_CSV,
        rows=_row(rf"(?:{_SUBSETS},)?gs://[^,\n]{{1,500}}(?:,[^,\n]{{0,200}}){{1,5}}"),
        do="a detector needs the box of each object",
    ),
    Tool(
        name="a table of the classes of whole images (Roboflow's multi-class csv), without boxes",
        suffixes=_CSV,
        rows=re.compile(
            r"\"?(?:file_?name|image|img|image_id|image_name|path|id)\"?,[^\n]{1,4000}\n"
            r"[^,\n]{1,500}(?:, ?[01](?:\.0)?)+[ \t]*(?:\r?\n|$)",
            re.IGNORECASE,
        ),
        do=f"a detector needs the box of each object; {COCO}, if the project has boxes",
    ),
    Tool(
        name="Labelbox's csv",
        suffixes=_CSV,
        rows=re.compile(r'"?ID"?,"?DataRow ID"?,', re.IGNORECASE),
        do=f"{WRITE}; Labelbox's package has a converter to COCO (`labelbox[data]`)",
    ),
)

_ROWS = (
    Tool(
        name="a DOTA label (corners of turned boxes)",
        suffixes=_TXT,
        rows=re.compile(
            rf"(?:(?:imagesource|gsd)[^\n]{{0,200}}\n){{0,2}}(?:{_N} ){{8}}[a-z][\w-]{{0,99}}(?: \d)?\s*?(?:\n|$)",
            re.IGNORECASE,
        ),
        do=_DOTA,
    ),
    Tool(
        name="a DOTA label",
        suffixes=_TXT,
        rows=re.compile(r"imagesource:", re.IGNORECASE),
        do=_DOTA,
    ),
    Tool(
        name="WIDER FACE's list",
        suffixes=_TXT,
        rows=re.compile(rf"{_IMAGE}[ \t]*\r?\n\d{{1,6}}[ \t]*\r?\n(?:\d{{1,6}} ){{4,9}}", re.IGNORECASE),
        do=f"{COCO}: `datum convert -if wider_face -f coco_instances` of the package datumaro does it",
    ),
    Tool(
        name="MOT's gt.txt (tracks of a video: frame, id, left, top, width, height)",
        suffixes=_TXT,
        path=re.compile(r"(^|/)(gt|det)\.txt$"),
        rows=_row(rf"\d+,-?\d+(?:,{_N}){{4,8}}"),
        do=f"{COCO}: `datum convert -if mot_seq_gt -f coco_instances` of the package datumaro does it; CVAT exports it, too",
    ),
    Tool(
        name="a VisDrone label (left, top, width, height, score, class, truncation, occlusion)",
        suffixes=_TXT,
        rows=_row(rf"{_N},{_N},{_N},{_N},(?:-1|0|1)(?:\.\d{{1,20}})?,\d{{1,2}},-?\d,-?\d,?"),
        do="convert it to YOLO: the script in Ultralytics' VisDrone.yaml does it; or write COCO json",
    ),
    Tool(
        name="a label of the ICDAR challenges (corners of a text, separated by commas)",
        suffixes=_TXT,
        rows=re.compile(rf"(?:{_N},){{8}}[^\n]"),
        do=WRITE,
    ),
    Tool(
        name="the list of keras-yolo3 (`image xmin,ymin,xmax,ymax,class ...`)",
        suffixes=_TXT,
        rows=re.compile(rf"{_IMAGE}(?: {_N},{_N},{_N},{_N},\d{{1,5}})+[ \t]*(?:\r?\n|$)", re.IGNORECASE),
        do="write a csv with the header line `filename,xmin,ymin,xmax,ymax,class` and a row for each box, or COCO json",
    ),
    Tool(
        name="CelebA's list",
        suffixes=_TXT,
        rows=re.compile(r"(?:\d+\s*\n)?image_id +x_1 +y_1 +width +height", re.IGNORECASE),
        do=WRITE,
    ),
    Tool(
        name="a label of the OIDv4 ToolKit (class, left, top, right, bottom)",
        suffixes=_TXT,
        path=re.compile(r"/Label/[^/]*$"),
        rows=_row(rf"[^\d\n][^\d\n]{{0,99}}(?: {_N}){{4}}"),
        do=WRITE,
    ),
    Tool(
        name="a label of BBox-Label-Tool (a count, then left, top, right, bottom)",
        suffixes=_TXT,
        rows=re.compile(rf"\d{{1,4}}[ \t]*\r?\n{_N} {_N} {_N} {_N}(?: [^\s\d]\S{{0,99}})?[ \t]*(?:\r?\n|$)"),
        do=WRITE,
    ),
)

_MARKUP = (
    Tool(
        name="imglab's xml (dlib)",
        suffixes=(".xml",),
        rows=re.compile(r"[^\0]{0,2000}?<dataset>[^\0]{0,4000}?<images>", re.IGNORECASE),
        do="export it as Pascal VOC or COCO json: imglab's web version does it",
    ),
    Tool(
        name="UA-DETRAC's xml (tracks of a video)",
        suffixes=(".xml",),
        rows=re.compile(r"[^\0]{0,400}?<sequence\s", re.IGNORECASE),
        do=WRITE,
    ),
)

TOOLS = (*_NOT_THERE, *_TABLES, *_ROWS, *_MARKUP)

# environment: data
"""Cases that no format reads: the refusal names the tool that wrote the files and what to give instead."""

import pytest


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("14", "_annotations.createml.json is Create ML json; export it as COCO json"),
        ("15", "dataset.csv is Google AutoML Vision's csv (Vertex AI), which has no header line"),
        ("20", "annotations/part_000.txt (the first of several such files) is a VisDrone label"),
        ("21", "labelTxt/part_000.txt (the first of several such files) is a DOTA label"),
        ("22", "wider_face_train_bbx_gt.txt is WIDER FACE's list; export it as COCO json"),
        ("23", "train/metadata.jsonl is Hugging Face's imagefolder (metadata.jsonl); write it as COCO json"),
        ("24", "ann/part_000.jpg.json (the first of several such files) is Supervisely json; export it as COCO json"),
        ("25", "annotations/default.json is Datumaro json; export it as COCO json"),
        ("28", "releases/part_000.json (the first of several such files) is V7 Darwin json; export it as COCO json"),
        ("29", "import.jsonl is Vertex AI's jsonl (AutoML); write it as COCO json"),
        ("30", "output.manifest is an output manifest of SageMaker Ground Truth"),
        ("31", "export.zip is a zip archive; unpack it"),
        ("95", "the images lie in folders of classes (bolt, nut)"),
    ],
)
def test_refusal_names_the_tool(refusal, case, says):
    assert says in refusal(case)

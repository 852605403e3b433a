# environment: data
"""The tool that wrote a file which no format reads is named, with what to give instead. The texts have the tools' own forms."""

import io
import json
import tarfile
import zipfile

import pytest

from boxwright.core.runtime.errors import UserError

CREATE_ML = [
    {"image": "a.jpg", "annotations": [{"label": "nut", "coordinates": {"x": 9, "y": 9, "width": 4, "height": 4}}]}
]
DATUMARO = {
    "info": {},
    "categories": {"label": {"labels": [{"name": "nut"}]}},
    "items": [{"id": "a", "annotations": []}],
}
DARWIN_1 = {"dataset": "d", "image": {"filename": "a.jpg", "workview_url": "https://x"}, "annotations": []}
SLY = {"description": "", "tags": [], "size": {"height": 48, "width": 64}, "objects": []}
SCALE = [{"task_id": "1", "params": {}, "response": {"annotations": [{"type": "box", "label": "car", "left": 1}]}}]
SUPER = {"metadata": {"name": "a.jpg"}, "instances": [{"type": "bbox", "className": "cat", "points": {"x1": 1}}]}
VOTT = {"asset": {"name": "a.jpg"}, "regions": [{"tags": ["nut"], "boundingBox": {"left": 1}}], "version": "2.2.0"}
BDD = [{"name": "a.jpg", "labels": [{"category": "car", "box2d": {"x1": 1, "y1": 2, "x2": 3, "y2": 4}}]}]
RESULTS = [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.9}]
LABELBOX = {"data_row": {"external_id": "a.jpg"}, "projects": {"p": {"labels": []}}}
AZURE = {"image_url": "AmlDatastore://a.jpg", "label": [{"label": "can", "topX": 0.2, "topY": 0.4}]}
CITYSCAPES = {"imgHeight": 48, "imgWidth": 64, "objects": [{"label": "car", "polygon": [[1, 2], [3, 4], [5, 6]]}]}
FLORENCE = {"image": "a.jpg", "prefix": "<OD>", "suffix": "nut<loc_815><loc_516><loc_946><loc_675>"}
MANIFEST = {"source-ref": "s3://b/a.jpg", "bounding-box": {"annotations": []}, "bounding-box-metadata": {}}
IBM = {"version": "1.0", "type": "localization", "labels": [], "annotations": {"a.jpg": [{"x": 0.1, "x2": 0.5}]}}
OUTLINED = {"captures": [{"filename": "a.png", "annotations": []}]}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("_annotations.createml.json", CREATE_ML, "is Create ML json; export it as COCO json: choose `COCO`"),
        ("_annotations.createml.json", [], "is Create ML json without objects; export it as COCO json"),
        ("default.json", DATUMARO, "is Datumaro json; .*datum convert -if datumaro -f coco_instances"),
        ("a.json", DARWIN_1, "is V7 Darwin json; .*darwin dataset convert"),
        ("a.jpg.json", SLY, "is Supervisely json; .*Export to COCO"),
        ("tasks.json", SCALE, "is Scale AI's json; write it as COCO json"),
        ("a.jpg.json", SUPER, "is SuperAnnotate json"),
        ("x-asset.json", VOTT, "is VoTT json; choose `Pascal VOC`"),
        ("det_20_val.json", BDD, "is BDD100K's json"),
        ("results.json", RESULTS, "is a list of detections in COCO's form"),
        ("a_gtFine_polygons.json", CITYSCAPES, "is Cityscapes json"),
        ("_annotations.json", IBM, "is IBM Cloud Annotations json"),
        ("captures_000.json", OUTLINED, "is Unity Perception json"),
        ("export.ndjson", LABELBOX, "is Labelbox's ndjson"),
        ("export.jsonl", AZURE, "is Azure Machine Learning's jsonl; export it as COCO json"),
        ("_annotations.train.jsonl", FLORENCE, "is Florence-2's jsonl; .*Roboflow"),
        ("train.manifest", MANIFEST, "is an output manifest of SageMaker Ground Truth or Amazon Rekognition"),
    ],
)
def test_names_the_tool_of_a_json(made, read, name, content, says):
    root = made(["a.jpg"], {name: json.dumps(content)})
    for data in (root, root / name):
        with pytest.raises(UserError, match=rf"{name} {says}|is a file; it {says}"):
            read(data)


def test_names_what_is_not_the_file(made, read):
    lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"
    for text, says in ((lfs, "is a pointer of Git LFS"), ("<!DOCTYPE html><html>", "is a web page")):
        for name in ("set.json", "labels.csv", "train.zip"):
            root = made(["a.jpg"], {name: text})
            with pytest.raises(UserError, match=f"{name} {says}"):
                read(root)
            (root / name).unlink()


def test_names_tensorflow_datasets(made, read):
    texts = {"features.json": json.dumps({"pythonClassName": "tfds.features_dict", "featuresDict": {}})}
    with pytest.raises(UserError, match=r"features\.json is TensorFlow Datasets' description"):
        read(made([], texts | {"x-train.tfrecord-00000-of-00001": ""}))


def test_a_split_of_another_tool_is_said(made, read):
    """The images of val would else be left out without a word about their annotations."""
    pictures = [f"{split}/{name}.jpg" for split in ("train", "val") for name in "abc"]
    rows = "".join(f"{name}.jpg,nut,8,12,24,36\n" for name in "abc")
    texts = {"train/labels.csv": "filename,class,xmin,ymin,xmax,ymax\n" + rows, "model.zip": zipped(["a"])}
    texts |= {"val/_annotations.createml.json": json.dumps(CREATE_ML), "results.json": json.dumps(RESULTS)}
    (notice,) = [n for n in read(made(pictures, texts)).notices if n.id == "annotations_not_read"]
    says = "3 images have no object (first val/a.jpg), and beside them: val/_annotations.createml.json is Create ML json; export"
    assert notice.claim.startswith(says)


ROW = "TRAIN,gs://b/a.jpg,nut,0.1,0.2,,,0.4,0.5,,\n"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("d.csv", ROW, "Google AutoML Vision's csv .*header line `filename,class,xmin,ymin,xmax,ymax` and pixels"),
        ("d.csv", ROW.replace("TRAIN,", ""), "Google AutoML Vision's csv"),
        ("d.csv", "TRAIN,gs://b/a.jpg,0.1,0.2\nTRAIN,gs://b/b.jpg\n", "AutoML Vision's csv .* without boxes"),
        ("_classes.csv", "filename, bolt, nut\na.jpg, 1, 0\n", "classes of whole images"),
        ("a.txt", "9,12,4,3,1,4,0,0\n", "is a VisDrone label"),
        ("a.txt", "9,12,4,3,1,4,0,0,\n", "is a VisDrone label"),
        ("a.txt", "9 12 20 12 20 30 9 30 small-vehicle 1\n", "is a DOTA label .*convert_dota_to_yolo_obb"),
        ("a.txt", "imagesource:GoogleEarth\ngsd:null\n9.0 1.0 2.0 1.0 2.0 3.0 9.0 3.0 ship 0\n", "is a DOTA label"),
        ("l.txt", "0--Parade/0_Parade_1_9.jpg\n1\n9 12 4 3 0 0 0 0 0 0 \n", "is WIDER FACE's list; .*wider_face"),
        ("gt/gt.txt", "1,1,912,484,97,109,0,7,1\n2,1,912,484,97,109,0,7,1\n", "is MOT's gt.txt"),
        ("gt_a.txt", "9,12,20,12,20,30,9,30,###\n", "is a label of the ICDAR challenges"),
        ("train.txt", "x/a.jpg 9,12,20,30,0 1,2,3,4,1\n", "is the list of keras-yolo3"),
        ("Label/a.txt", "Traffic light 9.0 12.0 20.5 30.0\n", "is a label of the OIDv4 ToolKit"),
        ("a.txt", "2\n9 12 20 30 cat\n1 2 3 4 dog\n", "is a label of BBox-Label-Tool"),
        (
            "a.xml",
            "<?xml version='1.0'?>\n<dataset>\n<name>x</name>\n<images>\n<image file='a.jpg'/>",
            "is imglab's xml",
        ),
        ("t.xml", '<?xml version="1.0"?>\n<sequence name="MVI_1">\n<frame num="1">', "is UA-DETRAC's xml"),
    ],
)
def test_names_the_tool_of_rows(made, read, name, text, says):
    with pytest.raises(UserError, match=rf"{name}.* {says}"):
        read(made(["x/a.jpg"], {name: text}))


def zipped(names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return file.getvalue()


def tarred(names):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return file.getvalue()


@pytest.mark.parametrize("pictures", [[], ["a.jpg"]])
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("export.zip", zipped(["a.jpg", "a.xml"]), "is a zip archive; unpack it"),
        ("labels.xlsx", zipped(["xl/workbook.xml"]), "is a spreadsheet; save it as csv"),
        ("export.rar", b"Rar!\x1a\x07\x01\x00", "is a rar archive; unpack it"),
        ("export.7z", b"7z\xbc\xaf\x27\x1c\x00\x04", "is a 7z archive; unpack it"),
        ("export.tar", tarred(["a.jpg", "b.jpg"]), "is a tar archive; unpack it"),
        ("export.tar.gz", b"\x1f\x8b\x08\x00", "is a gzip archive; unpack it"),
        ("shard-000.tar", tarred(["0001.jpg", "0001.json"]), "is a WebDataset tar"),
        ("train-00000.parquet", b"PAR1\x15\x04", r"is Parquet \(Hugging Face's"),
        ("digitStruct.mat", b"MATLAB 5.0 MAT-file, Platform", "is a MATLAB file"),
    ],
)
def test_names_an_archive(made, read, pictures, name, content, says):
    root = made(pictures, {name: content})
    for data in (root, root / name):
        with pytest.raises(UserError, match=says):
            read(data)


@pytest.mark.parametrize(
    ("pictures", "says"),
    [
        (["train/nut/a.jpg", "train/bolt/b.jpg", "val/nut/c.jpg"], r"folders of classes \(bolt, nut\)"),
        (["images/a.jpg", "images/b.jpg"], "the images have no annotations: a detector needs"),
        (["train/images/a.jpg", "valid/images/b.jpg"], "the images have no annotations"),
        (["trainA/a.jpg", "masks/a.png"], r"masks/a\.png looks like a mask"),
        (["JPEGImages/a.jpg", "SegmentationClass/a.png"], r"SegmentationClass/a\.png looks like a mask"),
    ],
)
def test_says_what_pictures_alone_are(made, read, pictures, says):
    with pytest.raises(UserError, match=says):
        read(made(pictures, {}))


def test_a_known_tool_beside_a_set_is_not_asked(made, read):
    """A registry of foreign tools never stands in the way of annotations that a format reads."""
    texts = {"set.csv": "filename,class,xmin,ymin,xmax,ymax\na.jpg,nut,8,12,24,36\n", "x.zip": zipped(["a"])}
    texts["_annotations.createml.json"] = json.dumps(CREATE_ML)
    assert [len(image.objects) for image in read(made(["a.jpg"], texts)).images] == [1]


def test_a_log_of_strangers_is_not_named(made, read):
    root = made(["a.jpg"], {"log.json": '{"epoch": 1}', "log.txt": "epoch 1\n", "log.csv": "epoch,loss\n1,2.5\n"})
    with pytest.raises(UserError, match=r"log\.csv has no column filename"):
        read(root)

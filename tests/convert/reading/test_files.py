# environment: data
"""Files in other encodings, without permission, pipes and broken links. None is ignored silently."""

import json
import os

import pytest

from boxwright.convert import formats
from boxwright.convert.reading import detect_format, merge_datasets
from boxwright.core.runtime.errors import UserError

COCO = json.dumps({
    "images": [{"id": 1, "file_name": "a.jpg"}],
    "annotations": [{"image_id": 1, "category_id": 1, "bbox": [8, 12, 16, 24]}],
    "categories": [{"id": 1, "name": "Küche"}],
}, ensure_ascii=False)  # fmt: skip
VOC = """<annotation><object><name>Küche</name>
<bndbox><xmin>8</xmin><ymin>12</ymin><xmax>24</xmax><ymax>36</ymax></bndbox></object></annotation>"""
CSV = "filename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,64,48,Küche,8,12,24,36\n"
LABEL = "0 0.25 0.5 0.25 0.5\n"
YAML = "train: .\nnames: [Küche]\n"
DARKNET = {
    "obj.data": "names = obj.names\ntrain = train.txt\n",
    "obj.names": "Küche\n",
    "train.txt": "a.jpg\n",
    "a.txt": LABEL,
}
SETS = [
    {"set.json": COCO},
    {"a.xml": VOC},
    {"set.csv": CSV},
    {"data.yaml": YAML, "a.txt": LABEL},
    DARKNET,
    {"classes.txt": "Küche\n", "a.txt": LABEL},
]


def boxes(root) -> dict[str, list]:
    data = detect_format.read(detect_format.open_folder(root))
    return {i.filename: [(o.name, o.fault) for o in i.objects] for i in data.images if i.fault is None}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("texts", SETS, ids=lambda texts: ",".join(texts))
def test_encodings(made, texts, encoding):
    """On Windows, the editor writes UTF-8 with a byte order mark, and the shell writes UTF-16."""
    root = made(["a.jpg"], {name: text.encode(encoding) for name, text in texts.items()})
    assert boxes(root) == {"a.jpg": [("Küche", None)]}


@pytest.mark.parametrize(
    ("texts", "damaged"),
    [
        (SETS[0], "set.json"), (SETS[2], "set.csv"), (SETS[3], "data.yaml"), (DARKNET, "obj.names"), (SETS[5], "classes.txt"),
    ],
)  # fmt: skip
def test_refuses_other_encodings(made, texts, damaged):
    root = made(["a.jpg"], {n: t.encode("latin-1" if n == damaged else "utf-8") for n, t in texts.items()})
    with pytest.raises(UserError, match=rf"{damaged} cannot be read as text: .*; save it as UTF-8"):
        boxes(root)


@pytest.mark.parametrize("text", ["train: .\nnames:\n\t- cat\n", "train: .\nnames: [cat\n"])
def test_refuses_unreadable_yaml_beside_labels(made, text):
    """Without the YAML, classes and splits would be lost. Beside another format, the YAML is ignored."""
    root = made(["a.jpg"], {"data.yaml": text, "a.txt": LABEL})
    with pytest.raises(UserError, match=r"data\.yaml cannot be read as YAML: .* in line [123]; repair that place"):
        boxes(root)
    (root / "a.txt").unlink()
    (root / "set.json").write_text(COCO)
    assert boxes(root) == {"a.jpg": [("Küche", None)]}


@pytest.mark.parametrize("name", ["x.json", "x.xml", "x.csv", "x.yaml", "x.yml", "x.data", "x.tfrecord", "x.txt"])
@pytest.mark.parametrize("put", [os.mkfifo, lambda file: os.symlink("nowhere", file)], ids=["pipe", "link to nothing"])
def test_pipes_and_broken_links_are_noticed(made, name, put):
    """Only files that may list many images get the notice."""
    root = made(["a.jpg"], {"set.json": COCO})
    put(root / name)
    data = detect_format.read(detect_format.open_folder(root))
    assert [i.fault for i in data.images] == [None]
    lists_images = any(f".{name[2:]}" in reader.set_suffixes for reader in formats.readers().values())
    assert [n.items for n in data.notices if n.id == "no_file"] == ([(name,)] if lists_images else [])


@pytest.mark.parametrize(
    ("texts", "denied"),
    [
        (SETS[0], "set.json"), (SETS[1], "a.xml"), (SETS[2], "set.csv"), (SETS[3], "data.yaml"), (SETS[3], "a.txt"),
        (DARKNET, "obj.data"), (DARKNET, "train.txt"), (DARKNET, "a.txt"), (SETS[5], "a.txt"), (SETS[5], "classes.txt"),
    ],
)  # fmt: skip
def test_refuses_files_without_permission(made, monkeypatch, texts, denied):
    """The test patches the error in, because root may read everything."""
    root, opened = made(["a.jpg"], texts), os.open

    def refused(file, flags, *more, **named):
        if str(file).endswith(f"/{denied}"):
            raise PermissionError(13, "Permission denied", file)
        return opened(file, flags, *more, **named)

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(UserError, match=rf"{denied} cannot be read: Permission denied; make it readable"):
        boxes(root)


def test_refuses_a_label_that_is_a_broken_link(made):
    root = made(["a.jpg", "b.jpg"], {"classes.txt": "Küche", "b.txt": LABEL})
    (root / "a.txt").symlink_to("nowhere")
    with pytest.raises(UserError, match=r"a\.txt cannot be read: it is a pipe or a broken link"):
        boxes(root)


def test_refuses_a_folder_that_cannot_be_listed(made, monkeypatch):
    """The folder may hold the labels of a whole split. lost+found is ignored."""
    root, scan = made(["images/a.jpg"], {"labels/val/a.txt": LABEL, "classes.txt": "cat"}), os.scandir
    (root / "lost+found").mkdir()

    def refused(folder):
        if str(folder).endswith(("labels/val", "lost+found")):
            raise PermissionError(13, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(UserError, match=r"labels/val cannot be read: Permission denied; make it readable"):
        detect_format.open_folder(root)


def test_refuses_a_folder_that_cannot_be_entered(tmp_path, monkeypatch):
    def refused(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "stat", refused)
    with pytest.raises(UserError, match=r"--data .*mine cannot be read: Permission denied; make it readable"):
        merge_datasets.open_folders(str(tmp_path / "mine"))


def test_file_names_that_are_not_utf8(convert, picture, tmp_path):
    """Old cameras and Windows write such names. One image is annotated, one is not."""
    root = tmp_path / os.fsdecode(b"d\xe9p\xf4t")
    for name in (b"caf\xe9.jpg", b"caf\xc3\xa9.jpg"):
        picture(root / os.fsdecode(name))
        (root / os.fsdecode(name)).with_suffix(".txt").write_text("0 0.25 0.5 0.25 0.5\n")
    (root / "classes.txt").write_text("cup\n")
    out = convert(root)
    assert set(out.read()) == {"caf\\xe9.jpg", "café.jpg"} and out.manifest["source"] == "d\\xe9p\\xf4t"
    (root / "train.txt").write_text("café.jpg\n", encoding="utf-8")
    out = convert(root, "listed")
    assert set(out.read()) == {"café.jpg"} and out.reasons("caf\\xe9.jpg")

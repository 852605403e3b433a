# environment: data
"""Nothing outside of --data is read: no configuration, list, class list, label or image, by path or by link (attacks 03, 04)."""

import json

import pytest
from convert_sets import LABEL, VOC, coco_json, csv_text, cvat_xml, labelme_json

from boxwright.core.runtime.errors import UserError

# In the files of the fixture `secrets`.
SECRET = "SECRET-TOKEN"


def everything(tmp_path) -> bytes:
    """All bytes that convert wrote."""
    return b"".join(file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())


YOLO = {"labels/a.txt": LABEL, "labels/b.txt": LABEL}
CONFIGS = {
    "names by absolute path": {"obj.data": "names = {out}/token\ntrain = t.txt\n", "t.txt": "images/a.jpg\n"},
    "names by ..": {"obj.data": "names = ../secrets/token\ntrain = t.txt\n", "t.txt": "images/a.jpg\n"},
    "names by .. with backslashes": {
        "obj.data": "names = ..\\secrets\\token\ntrain = t.txt\n",
        "t.txt": "images/a.jpg\n",
    },
    "names through a folder": {
        "obj.data": "names = images/../../secrets/token\ntrain = t.txt\n",
        "t.txt": "images/a.jpg",
    },
    "list of train": {"obj.data": "names = n\ntrain = {out}/list.txt\n", "n": "cat\n"},
    "list of valid": {
        "obj.data": "names = n\ntrain = t.txt\nvalid = {out}/list.txt\n",
        "t.txt": "images/a.jpg",
        "n": "cat\n",
    },
    "yaml: a list": {"data.yaml": "train: [{out}/list.txt]\nnames: [cat]\n"},
    "yaml: a list by ..": {"data.yaml": "train: images\nval: ../secrets/list.txt\nnames: [cat]\n"},
    "yaml: path": {"data.yaml": "path: {out}\ntrain: list.txt\nnames: [cat]\n"},
    "yaml: a folder": {"data.yaml": "train: {out}/private\nnames: [cat]\n"},
}


@pytest.mark.parametrize("name", CONFIGS)
def test_configuration_names_a_file_outside(made, convert, secrets, tmp_path, name):
    texts = {file: text.format(out=secrets) for file, text in CONFIGS[name].items()}
    with pytest.raises(UserError, match=r"(obj\.data|data\.yaml) names .*secrets.*, outside of --data; ") as error:
        convert(made(["images/a.jpg", "images/b.jpg"], texts | YOLO))
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("target", ["/proc/self/environ", "/dev/zero", "/etc/passwd"])
@pytest.mark.parametrize("key", ["names", "train"])
def test_configuration_names_a_system_file(made, convert, target, key):
    settings = {"names": "n", "train": "t.txt"} | {key: target}
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    with pytest.raises(UserError, match=rf"obj\.data names {target}, outside of --data"):
        convert(made(["images/a.jpg"], YOLO | {"obj.data": text, "n": "cat\n", "t.txt": "images/a.jpg\n"}))


LINKS = {
    "classes.txt": ("token", "file"),
    "labels/a.txt": ("im01.txt", "file"),
    "obj.data": ("token", "file"),
    "more.json": ("token", "file"),
    "notes": ("token", "file"),
    "more": ("private", "folder"),
    "a.jpg": ("private", "folder"),
    "labels/more": ("private", "folder"),
}


@pytest.mark.parametrize("link", LINKS)
def test_link_to_text_or_folder_outside_is_refused(made, convert, secrets, link):
    """Skipping it could lose labels, a split or the class names unnoticed."""
    target, kind = LINKS[link]
    root = made(["images/a.jpg", "images/b.jpg"], {"labels/b.txt": LABEL})
    (root / link).symlink_to(secrets / target)
    with pytest.raises(UserError, match=rf"{link} in .*set is a link to a {kind} outside of --data") as error:
        convert(root)
    assert SECRET not in str(error.value) and "--follow-links" in str(error.value)


def test_link_through_a_link_is_refused(made, convert, secrets):
    root = made(["images/a.jpg"], {"labels/a.txt": LABEL})
    (root / ".hidden").mkdir()
    (root / ".hidden/up").symlink_to("../..")
    (root / "classes.txt").symlink_to(".hidden/up/secrets/token")
    with pytest.raises(UserError, match=r"classes\.txt in .* is a link to a file outside of --data"):
        convert(root)


def test_names_file_that_calls_itself_an_image(made, convert, secrets):
    """A link with the suffix of an image is no way around the rule for text."""
    texts = {"obj.data": "names = n.jpg\ntrain = t.txt\n", "t.txt": "images/a.jpg\n", "labels/a.txt": LABEL}
    root = made(["images/a.jpg"], texts)
    (root / "n.jpg").symlink_to(secrets / "token")
    with pytest.raises(UserError, match=r"obj\.data names .*n\.jpg, outside of --data") as error:
        convert(root)
    assert SECRET not in str(error.value)


def test_names_file_behind_a_hidden_link(made, convert, secrets):
    texts = {"obj.data": "names = .git/up/token\ntrain = t.txt\n", "t.txt": "images/a.jpg\n", "labels/a.txt": LABEL}
    root = made(["images/a.jpg"], texts)
    (root / ".git").mkdir()
    (root / ".git/up").symlink_to(secrets)
    with pytest.raises(UserError, match=r"obj\.data names .*\.git/up/token, outside of --data"):
        convert(root)


OUTSIDE = {
    "COCO, absolute": lambda out: {"set.json": coco_json("images/a.jpg", f"{out}/private/im01.jpg")},
    "COCO, ..": lambda out: {"set.json": coco_json("images/a.jpg", "../secrets/private/im01.jpg")},
    "COCO, .. through a folder": lambda out: {
        "x/set.json": coco_json("images/a.jpg", "../../secrets/private/im01.jpg")
    },
    "COCO, backslashes": lambda out: {"set.json": coco_json("images/a.jpg", r"..\secrets\private\im01.jpg")},
    "COCO, hidden link": lambda out: {"set.json": coco_json("images/a.jpg", ".git/up/private/im01.jpg")},
    "csv, absolute": lambda out: {"set.csv": csv_text("images/a.jpg", f"{out}/private/im01.jpg")},
    "csv, ..": lambda out: {"set.csv": csv_text("images/a.jpg", "../secrets/private/im01.jpg")},
    "CVAT, absolute": lambda out: {"annotations.xml": cvat_xml("images/a.jpg", f"{out}/private/im01.jpg")},
    "CVAT, subset": lambda out: {"annotations.xml": cvat_xml("images/a.jpg", "private/im01.jpg", subset="../secrets")},
    "YOLO list, absolute": lambda out: (
        {"labels/a.txt": LABEL, "classes.txt": "cat", "train.txt": f"images/a.jpg\n{out}/private/im01.jpg\n"}
    ),
    "YOLO list, ..": lambda out: (
        {"labels/a.txt": LABEL, "classes.txt": "cat", "train.txt": "images/a.jpg\n../secrets/private/im01.jpg\n"}
    ),
}


@pytest.mark.parametrize("kind", OUTSIDE)
def test_image_outside_is_quarantined(made, convert, secrets, tmp_path, kind):
    root = made(["images/a.jpg"], OUTSIDE[kind](secrets))
    (root / ".git").mkdir()
    (root / ".git/up").symlink_to(secrets)
    out = convert(root, missing="quarantine")
    assert set(out.read()) == {"images/a.jpg"}
    lost = {line["file"]: line["reason"] for line in out.quarantine if line["object"] is None}
    expected = "missing" if kind == "CVAT, subset" else "outside"
    assert set(lost.values()) == {expected}
    if expected == "outside":
        assert out.manifest["quarantined"]["images"] == {"outside": 1}
        assert "1 image lies outside of --data" in out.claims("outside_files")[0]
    assert (secrets / "private/im01.jpg").read_bytes()[-1000:] not in everything(tmp_path)


def test_linked_images_are_quarantined(made, convert, secrets):
    """Images that are links to files outside, with their labels in the folder."""
    root = made(["a.jpg"], {"a.xml": VOC, "b.xml": VOC, "c.xml": VOC})
    (root / "b.jpg").symlink_to(secrets / "private/im01.jpg")
    (root / "c.jpg").symlink_to("/dev/zero")
    out = convert(root)
    assert set(out.read()) == {"a.jpg"}
    assert out.reasons("b.jpg") == out.reasons("c.jpg") == [(None, "outside"), (0, "image_rejected")]
    assert out.claims("outside_files") == [
        "2 images lie outside of --data, where links or paths in the annotations lead (first: b.jpg)"
    ]


def test_only_outside_images_end_in_a_sentence(made, convert, secrets):
    root = made([], {"a.xml": VOC})
    (root / "a.jpg").symlink_to(secrets / "private/im01.jpg")
    with pytest.raises(UserError, match=r"no usable object is left: 1 outside .*--follow-links"):
        convert(root)


def test_label_folder_alone(tmp_path, picture, convert):
    """KITTI's image folder lies beside the label folder: outside, if --data is the label folder."""
    picture(tmp_path / "set/image_2/a.png")
    (tmp_path / "set/label_2").mkdir()
    (tmp_path / "set/label_2/a.txt").write_text("Car 0 0 0 8 12 24 36 1 1 1 1 1 1 1\n")
    with pytest.raises(UserError, match=r"1 outside \(first: \.\./image_2/a\.png"):
        convert(tmp_path / "set/label_2")
    assert set(convert(tmp_path / "set").read()) == {"image_2/a.png"}


def test_labels_of_outside_images_are_not_read(made, read, secrets):
    (secrets / "private/im01.txt").write_text(LABEL)
    root = made(
        ["images/a.jpg"], YOLO | {"classes.txt": "cat", "train.txt": f"images/a.jpg\n{secrets}/private/im01.jpg\n"}
    )
    (one,) = [image for image in read(root).images if image.fault and image.fault.reason == "outside"]
    assert one.objects == ()


def test_names_without_a_file_stay_missing(made, convert):
    """Of Windows, of home folders, too long, with NUL: no file has such a name."""
    names = [
        r"C:\..\..\Windows\a.jpg",
        "~/a.jpg",
        "/" + "x/" * 9000 + "a.jpg",
        f"{'y' * 5000}.jpg",
        "file:///etc/a.jpg",
    ]
    out = convert(made(["images/a.jpg"], {"set.json": coco_json("images/a.jpg", *names)}), missing="quarantine")
    assert out.manifest["quarantined"]["images"] == {"missing": 3, "unreadable_annotation": 2}


def test_urls_in_coco_are_not_followed(made, convert, secrets):
    document = json.loads(coco_json("images/a.jpg"))
    document["images"][0] |= {
        "coco_url": f"file://{secrets}/private/im01.jpg",
        "flickr_url": f"{secrets}/private/im01.jpg",
    }
    out = convert(made(["images/a.jpg"], {"set.json": json.dumps(document)}))
    assert set(out.read()) == {"images/a.jpg"} and not out.quarantine


@pytest.mark.parametrize("path", ["{out}/private/im01.jpg", "../secrets/private/im01.jpg"])
def test_image_path_of_labelme_outside(made, convert, secrets, path):
    """labelme's paths are those of another machine; only the name counts."""
    root = made(["a.jpg"], {"a.json": labelme_json("a.jpg"), "b.json": labelme_json(path.format(out=secrets))})
    out = convert(root, missing="quarantine")
    assert set(out.read()) == {"a.jpg"} and out.manifest["quarantined"]["images"] == {"missing": 1}


def test_voc_paths_outside(made, convert, secrets):
    """<path> and <folder> are not used, and <filename> counts without its folders."""
    where = f"<folder>../secrets/private</folder><path>{secrets}/private/im01.jpg</path><filename>../secrets/private/im01.jpg"
    xml = VOC.replace("<annotation>", f"<annotation>{where}</filename>")
    out = convert(made(["a.jpg"], {"a.xml": VOC, "b.xml": xml}), missing="quarantine")
    assert set(out.read()) == {"a.jpg"} and out.reasons("im01.jpg") == [(None, "missing"), (0, "image_rejected")]


def test_voc_list_outside(made, convert, secrets):
    root = made(
        ["JPEGImages/a.jpg"], {"Annotations/a.xml": VOC, "ImageSets/Main/train.txt": "a\n../../secrets/private/im01\n"}
    )
    out = convert(root, missing="quarantine")
    assert set(out.read()) == {"JPEGImages/a.jpg"} and out.reasons("JPEGImages/im01.jpg") == [(None, "missing")]


def test_each_data_set_has_its_own_folder(tmp_path, picture, convert):
    """`--data a,b`: a names no file of b."""
    for name, images in (("a", ("x.jpg", "../b/y.jpg")), ("b", ("y.jpg",))):
        picture(tmp_path / name / images[0])
        (tmp_path / name / "set.json").write_text(coco_json(*images))
    out = convert(f"{tmp_path}/a,{tmp_path}/b")
    assert set(out.read()) == {"a/x.jpg", "b/y.jpg"}
    assert out.manifest["quarantined"]["images"] == {"outside": 1}


def test_sentences_stay_short(made, convert):
    """Also if names and values of the data have a thousand characters."""
    names = ["/".join(["x" * 200] * 4) + f"/{n}.jpg" for n in range(5)]
    for texts in ({"set.json": coco_json(*names)}, {"set.csv": csv_text(*names)}):
        with pytest.raises(UserError, match="missing") as error:
            convert(made(["a.jpg"], texts))
        assert len(str(error.value)) < 2000
        next(iter(made([], {}).glob("set.*"))).unlink()

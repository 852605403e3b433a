# environment: data
"""A class name is one line of visible text: convert refuses any other, in every format (attack 17)."""

import json

import pytest
from convert_sets import LABEL, VOC, coco_json, csv_text, cvat_xml, labelme_json, labelstudio_json, via_json

from boxwright.core import labels
from boxwright.core.records.example_proto import Example
from boxwright.core.records.tfrecords import framed
from boxwright.core.runtime.errors import UserError

# What a name may not have: line breaks, C0, DEL, C1, separators, direction of writing, half of a surrogate pair.
BREAKS = ["a\nb", "a\rb", "a\u2028b", "a\u2029b", "a\x85b"]
CONTROLS = ["cat\0b", "a\x1b[2Jb", "a\tb", "a\x7fb", "a\x9bb"]
BIDI = ["a\u202eb", "a\u2066b", "a\u200fb", "a\u061cb"]
GOOD = [
    "猫",
    "Küche",
    "cafe\u0301",
    "👩\u200d🔬",
    "🏳️‍🌈",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "a b",
    "don't",
    "C++",
    "x" * 200,
]
REFUSED = r"the class name '.*' has a control character \(U\+"


def example(name: bytes, picture: bytes) -> bytes:
    record = Example()
    feature = record.features.feature
    feature["image/encoded"].bytes_list.value.append(picture)
    feature["image/filename"].bytes_list.value.append(b"a.jpg")
    feature["image/object/class/label"].int64_list.value.append(1)
    if name:
        feature["image/object/class/text"].bytes_list.value.append(name)
    for side, value in (("xmin", 0.1), ("ymin", 0.1), ("xmax", 0.5), ("ymax", 0.5)):
        feature[f"image/object/bbox/{side}"].float_list.value.append(value)
    return b"".join(framed(b"", record.SerializeToString(), b""))


def quoted(name: str) -> str:
    """A name for YAML, which knows no escape for a pair of surrogates."""
    return json.dumps(name, ensure_ascii=max(map(ord, name)) < 0x10000)


TEXTS = {
    "COCO": lambda name: {"set.json": coco_json("a.jpg", category=name)},
    "csv": lambda name: {"set.csv": csv_text("a.jpg", category=name)},
    "labelme": lambda name: {"a.json": labelme_json("a.jpg", category=name)},
    "VIA": lambda name: {"via.json": via_json("a.jpg", category=name)},
    "Label Studio": lambda name: {"set.json": labelstudio_json("a.jpg", category=name)},
    "YOLO yaml": lambda name: {"data.yaml": f"train: .\nnames: [{quoted(name)}]\n", "a.txt": LABEL},
    "YOLO names": lambda name: {"classes.txt": f"{name}\ndog\n", "a.txt": LABEL},
    "darknet names": lambda name: {"o.data": "names = n\ntrain = t.txt\n", "n": name, "t.txt": "a.jpg", "a.txt": LABEL},
    "KITTI": lambda name: {"a.txt": f"{name} 0 0 0 8 12 24 36 1 1 1 1 1 1 1\n"},
}
XML = {
    "VOC": lambda name: {"a.xml": VOC.replace("<name>cat", f"<name>{name}")},
    "CVAT": lambda name: {"annotations.xml": cvat_xml("a.jpg", category=name)},
}
# In a list of names, a line break ends a name. In a csv, a KITTI row and XML, some characters cannot stand.
LINES = {"csv", "YOLO names", "darknet names"}


def cases() -> list[tuple[str, str]]:
    pairs = [(kind, name) for kind in TEXTS for name in (*BREAKS, *CONTROLS, *BIDI)]
    impossible = {("KITTI", name) for name in (*BREAKS, "a\tb")} | {
        (kind, name) for kind in LINES for name in BREAKS[:2]
    }
    impossible |= {("csv", name) for name in BREAKS} | {("COCO", "cat\0b")}
    return [pair for pair in pairs if pair not in impossible]


@pytest.mark.parametrize(("kind", "name"), cases())
def test_refused_in_text_formats(made, read_plan, kind, name):
    with pytest.raises(UserError, match=REFUSED) as error:
        read_plan(made(["a.jpg"], TEXTS[kind](name)))
    assert str(error.value).isprintable() and len(str(error.value)) < 600


@pytest.mark.parametrize("kind", XML)
@pytest.mark.parametrize("name", ["a&#10;b", "a&#133;b", "a&#8232;b", "a&#8238;b", "a&#155;b"])
def test_refused_in_xml(made, read_plan, kind, name):
    with pytest.raises(UserError, match=REFUSED):
        read_plan(made(["a.jpg"], XML[kind](name)))


@pytest.mark.parametrize("name", [b"a\nb", b"a\0b", "a\u202eb".encode()])
@pytest.mark.parametrize("place", ["record", "label map in the folder", "--label-map"])
def test_refused_in_records_and_label_maps(made, read_plan, tmp_path, picture, name, place):
    encoded = picture(tmp_path / "one.jpg").read_bytes()
    item = b"item { id: 1 name: '%s' }" % name.decode().encode("unicode_escape").replace(b"\\u202e", "\u202e".encode())
    texts: dict[str, str | bytes] = {"train.record": example(name if place == "record" else b"", encoded)}
    texts |= {"map.pbtxt": item} if place == "label map in the folder" else {}
    root = made([], texts)
    (tmp_path / "given.pbtxt").write_bytes(item)
    if place == "--label-map":
        with pytest.raises(UserError, match=REFUSED):
            labels.read(tmp_path / "given.pbtxt")
    else:
        with pytest.raises(UserError, match=REFUSED):
            read_plan(root)


def test_unpaired_surrogates_are_refused(made, read_plan):
    for text in ('{"label": "a\\ud800b"', '{"label": "\\udc00"'):
        document = labelme_json("a.jpg").replace('{"label": "cat"', text)
        with pytest.raises(UserError, match=r"U\+D[8C]00|not valid json|no usable object"):
            read_plan(made(["a.jpg"], {"a.json": document}))


@pytest.mark.parametrize("kind", TEXTS)
def test_ordinary_unicode_is_kept(made, read_plan, kind):
    for name in GOOD:
        if kind == "KITTI" and " " in name:
            continue
        assert name in read_plan(made(["a.jpg"], TEXTS[kind](name))).classes


@pytest.mark.parametrize("kind", TEXTS)
def test_very_long_names_are_refused(made, read_plan, kind):
    with pytest.raises(UserError, match=r"the class name that begins with 'xxx.* has 2,000 characters") as error:
        read_plan(made(["a.jpg"], TEXTS[kind]("x" * 2_000)))
    assert len(str(error.value)) < 600


def test_very_many_classes_are_refused(made, read_plan):
    names = "\n".join(f"class {n}" for n in range(labels.MOST_CLASSES + 1))
    with pytest.raises(UserError, match=r"100,001 classes, and up to 100,000 are read"):
        read_plan(made(["a.jpg"], {"classes.txt": names, "a.txt": LABEL}))


def test_label_maps_are_never_written_with_them(tmp_path):
    with pytest.raises(UserError, match=REFUSED):
        labels.write(["a\nb", "cat"], tmp_path / "label_map.pbtxt")
    assert not (tmp_path / "label_map.pbtxt").exists()


def test_file_names_become_codes(made, convert):
    """Names of files are no class names: they are shown with codes, in every file that convert writes."""
    root = made(["a\x1b[2J\n\u202e.jpg"], {"set.json": coco_json("a\x1b[2J\n\u202e.jpg")})
    assert set(convert(root).read()) == {r"a\x1b[2J\n\u202e.jpg"}


@pytest.fixture
def read_plan(read):
    """What is planned for a data set, with the names that would be in the label map."""
    from boxwright.convert.plan import example_plan

    return lambda root: example_plan.build(read(root), fix="clip", missing="fail")

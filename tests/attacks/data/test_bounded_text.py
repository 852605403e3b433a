# environment: data
"""A short text cannot stand for hours of work or for gigabytes (attack 05): YAML, XML, csv, json, lists, protobuf text."""

import re
import time

import pytest
from convert_sets import LABEL, coco_json

from boxwright.convert.formats import kitti
from boxwright.convert.formats.yolo import data_config
from boxwright.convert.reading import json_files
from boxwright.convert.reading.split_names import split_from_word
from boxwright.convert.splits import voc_lists
from boxwright.core import labels
from boxwright.core.foreign_files import proto_text, xml_text, yaml_text
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError, shown

# Nine levels of nine aliases stand for 400 million values.
BOMB = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10))
ALIASES = "a0: &a0 [x]\n" + BOMB
MERGES = "a0: &a0 {x: 1}\n" + BOMB.replace("[", "{<<: [").replace("]\n", "]}\n")
TOO_MANY = "aliases and merge keys written out, are more than 1,000,000"


@pytest.fixture(autouse=True)
def in_time():
    """Each test takes well under a second of work. Before, most took minutes, or ended with the memory."""
    started = time.process_time()
    yield
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "text",
    [
        f"{ALIASES}train: .\nnames: [cat, *a9]\n",
        f"{ALIASES}train: .\nnames: [cat]\nnc: *a9\n",
        f"{MERGES}train: .\nnames: [cat]\n",
    ],
)
def test_yaml_bombs_are_refused(made, read, text):
    with pytest.raises(UserError, match=TOO_MANY) as error:
        read(made(["a.jpg"], {"data.yaml": text, "a.txt": LABEL}))
    assert len(str(error.value)) < 500


def test_yaml_values_without_aliases_are_counted(monkeypatch):
    monkeypatch.setattr(limits, "YAML_NODES", 100)
    with pytest.raises(yaml_text.InvalidYaml, match="are more than 100"):
        yaml_text.parse("[" + "x," * 100 + "]")


def test_a_yaml_bomb_beside_other_annotations_is_ignored(made, read):
    assert read(made(["a.jpg"], {"a.json": coco_json("a.jpg"), "README_dataset.yaml": MERGES})).format == "coco"


def test_plain_aliases_and_merge_keys_are_read():
    assert yaml_text.parse("a: &a {x: 1}\nb: {<<: *a, y: 2}\nc: [*a, *a]") == {
        "a": {"x": 1}, "b": {"x": 1, "y": 2}, "c": [{"x": 1}, {"x": 1}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: " + "9" * 5000, "a whole number of 5000 characters in line 1"),
        ("a: " + "1" + ":1" * 100_000, "a whole number of 200001 characters"),
        ("a: " + "1" + ":1" * 5000 + ".5", "OverflowError"),
        ("a: !!timestamp x", "AttributeError"),
        ("a: !!int ''", "IndexError"),
        ("a: !!bool x", "KeyError"),
        ("a: 2024-13-45", "ValueError"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("a: &a [*a]", "recursive"),
        ("".join(f"%TAG !{n}! x\n" for n in range(20_000)) + "--- a", "%TAG"),
        ("[" * 200, "nested more than 100 levels deep"),
        ("a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 60 + "*a" + "]" * 60, "nested more than 100 levels deep"),
    ],
)
def test_odd_yaml_ends_in_a_sentence(text, why):
    with pytest.raises(yaml_text.InvalidYaml, match=re.escape(why)):
        yaml_text.parse(text)


def test_a_large_yaml_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "YAML_BYTES", 5)
    with pytest.raises(yaml_text.InvalidYaml, match="more than 5 bytes"):
        yaml_text.parse("a: bcd")


@pytest.mark.parametrize(
    "text", ["kpt_shape: [" + "9" * 4000 + ", " + "9" * 4000 + "]", "names:\n  ? " + "9" * 4000 + "\n  : a"]
)
def test_numbers_without_sense_in_a_configuration(made, read, text):
    config = {"train": "train: .", "names": "names: [cat]"} | {text.partition(":")[0]: text}
    with pytest.raises(UserError, match=r"data.yaml: (kpt_shape|names) is") as error:
        read(made(["a.jpg"], {"data.yaml": "\n".join(config.values()), "a.txt": LABEL}))
    assert len(str(error.value)) < 500


def test_a_split_of_very_many_folders_is_refused(made, read):
    text = "names: [cat]\ntrain:\n" + "".join(f" - ./{'./' * (n % 50)}\n" for n in range(1001))
    with pytest.raises(UserError, match="train names 1,001 folders or lists"):
        read(made(["a.jpg"], {"data.yaml": text, "a.txt": LABEL}))


ENTITIES = '<!DOCTYPE a [<!ENTITY b "{}">]><annotation>{}</annotation>'
ATTRIBUTES = "<!DOCTYPE a [<!ATTLIST b {}>]><a>{}</a>"


@pytest.mark.parametrize(
    "text",
    [
        ENTITIES.format("x" * 10_000, "&b;" * 500),
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation>&b;</annotation>',
        '<!DOCTYPE a [<!ENTITY % b SYSTEM "file:///etc/passwd"> %b;]><annotation/>',
        ATTRIBUTES.format(" ".join(f"a{n} CDATA '{'x' * 100}'" for n in range(1000)), "<b/>" * 20_000),
        ENTITIES.format("x" * 10_000, "&b;" * 500).encode("utf-16").decode("latin-1"),
    ],
)
def test_xml_that_defines_entities_or_attributes_is_refused(text):
    with pytest.raises(xml_text.InvalidXml, match="it defines entities or attributes"):
        xml_text.parse(text.encode("latin-1"), "a.xml")


def test_a_document_type_without_definitions_is_read():
    assert xml_text.parse(b"<!DOCTYPE annotation SYSTEM 'voc.dtd'><annotation/>", "a.xml").tag == "annotation"


@pytest.mark.parametrize("encoding", ["utf-7", "unknown", "cp037", "idna", "base64", "utf-16"])
def test_an_odd_encoding_of_xml_is_a_fault(encoding):
    with pytest.raises(xml_text.InvalidXml):
        xml_text.parse(f'<?xml version="1.0" encoding="{encoding}"?><annotation/>'.encode(), "a.xml")


def test_a_large_xml_is_a_fault_of_its_image(made, read, monkeypatch):
    monkeypatch.setattr(limits, "IMAGE_LABEL_BYTES", 1000)
    files = {"a.xml": f"<annotation>{'<object/>' * 1000}</annotation>", "b.xml": "<annotation/>"}
    faults = {image.filename: image.fault for image in read(made(["a.jpg", "b.jpg"], files)).images}
    assert faults["a.jpg"].reason == "unreadable_annotation" and faults["b.jpg"] is None


def test_a_csv_with_a_million_columns(made, read):
    header = "filename,class,xmin,ymin,xmax,ymax" + ",x" * 1_000_000
    data = read(made(["a.jpg"], {"a.csv": header + "\n" + "a.jpg,cat,1,2,30,40\n" * 100}))
    assert len(data.images[0].objects) == 100


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('"a.jpg,cat,1,2,30,40', "a quote in line 3 is never closed"),
        (f"a.jpg,{'x' * 200_000},1,2,30,40", "line 3: field larger"),
    ],
)
def test_a_csv_that_swallows_its_rows_is_refused(made, read, row, why):
    text = f"filename,class,xmin,ymin,xmax,ymax\na.jpg,cat,1,2,30,40\n{row}\na.jpg,cat,3,4,30,40\n"
    with pytest.raises(UserError, match=f"a.csv is not a valid csv: {why}"):
        read(made(["a.jpg"], {"a.csv": text}))


def test_ids_with_one_hash_are_told_apart_in_time(tmp_path):
    """Multiples of 2^61 - 1 all have the hash 0. A dict of 30,000 of them took a minute."""
    many = [n * (2**61 - 1) for n in range(30_000)]
    (file := tmp_path / "a.json").write_text(f'{{"ids": {many}, "odd": NaN}}')
    assert len(dict.fromkeys(json_files.load(file)["ids"])) == 30_000


def test_a_row_of_long_numbers_is_no_kitti_label(tmp_path):
    (file := tmp_path / "a.txt").write_text("Frame" + f" {'1' * 30}" * 6 + " end\n")
    assert "8 columns, expected 15 or 16" in str(kitti.near_miss(file))


@pytest.mark.parametrize("row", ["0 0.5 0.5 0.1 0.1\n", "0\n"])
def test_a_label_with_too_many_rows_is_one_fault(made, read, monkeypatch, row):
    monkeypatch.setattr(limits, "IMAGE_OBJECTS", 100)
    (image,) = read(made(["a.jpg"], {"data.yaml": "train: .\nnames: [cat]", "a.txt": row * 101})).images
    assert [item.fault.value for item in image.objects] == ["101 rows, and up to 100 are read"]


def test_words_that_are_no_split_take_no_time():
    assert split_from_word("1" * 1_000_000 + "x") is None
    assert voc_lists._entry("a" + " " * 1_000_000 + "b", {}) == "a" + " " * 1_000_000 + "b"


def test_a_list_with_too_many_lines_is_refused(made, read, monkeypatch):
    monkeypatch.setattr(limits, "LIST_LINES", 5)
    files = {"data.yaml": "train: train.txt\nnames: [cat]", "train.txt": "a.jpg\n" * 6}
    with pytest.raises(UserError, match=r"train.txt lists 6 images, and up to 5 are read"):
        read(made(["a.jpg"], files))


def test_a_label_map_in_one_long_line(tmp_path):
    (file := tmp_path / "map.pbtxt").write_text("item { id: 1 name: 'a;b' x: 1 " + "x: 'a' " * 20_000 + "}")
    assert labels.items(file) == [labels.Item(1, "a;b")]


def test_a_large_label_map_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "PROTO_TEXT_BYTES", 10)
    (file := tmp_path / "map.pbtxt").write_text("item { id: 1 name: 'a' }")
    with pytest.raises(UserError, match=r"map.pbtxt holds more than 10 bytes"):
        proto_text.read(file)


def test_values_in_errors_are_short():
    value: list = []
    for _ in range(50):
        value = [value] * 9
    assert len(shown(value)) <= 100 and len(shown("x" * 10**6)) <= 100 and len(shown(10**5000)) <= 100


def test_a_configuration_is_read_by_its_words(tmp_path):
    (file := tmp_path / "x.yaml").write_text("train: [\nnames")
    assert not data_config.is_config(file)

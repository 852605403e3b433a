# environment: train
"""Checkpoints that abort TensorFlow, and their neighbours, are refused in a sentence. They are never given to TensorFlow."""

import os
import shutil

import checkpoints
import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.foreign_files import checkpoint_files
from boxwright.core.od_api import detection_model
from boxwright.core.pretrained import slim_arrays
from boxwright.core.runtime.errors import UserError
from boxwright.train.weights import initial_weights

MANY = 1 << 30
_HIDDEN = checkpoints.entry(kind=999)
# An entry whose value holds another entry with the same key. A place in the block leads there.
_NESTED = checkpoints.block([(b"", checkpoints.HEADER), (b"w", checkpoints.block([(b"w", _HIDDEN)]))])[:-8]

CRAFTED = {
    "hugeshape": ({"shape": (1 << 40, 1 << 40)}, "not the size of its shape"),
    "huge without overflow": ({"shape": (1 << 33,), "size": 1 << 35}, "at most 1073741824 are read"),
    "overflow to 0": ({"shape": (1 << 32, 1 << 32), "size": 0}, "not the size of its shape"),
    "neg": ({"shape": (-1, -2)}, "impossible shape"),
    "dims300": ({"shape": (1,) * 299 + (2,)}, "impossible shape"),
    "dtype0": ({"kind": 0}, "type 0"),
    "dtype999": ({"kind": 999}, "type 999"),
    "negative dtype": ({"kind": -1}, "type -1"),
    "reference dtype": ({"kind": 101}, "type 101"),
    "resource": ({"kind": 20}, "type 20"),
    "variant": ({"kind": 21}, "type 21"),
    "another file": ({"shard": 99999}, "file 99999 of 1"),
    "negative file": ({"shard": -1}, "file -1 of 1"),
    "beyond the end": ({"offset": 4}, "which is truncated"),
    "negative offset": ({"offset": -8}, "which is truncated"),
    "negative size": ({"size": -8}, "not the size of its shape"),
    "wrong checksum": ({"crc": 1}, "checksum does not match"),
    "slices": ({"more": checkpoints.part(7, b"")}, "divided into slices"),
    "no rank": ({"more": checkpoints.part(2, b"\x18\x01")}, "has no shape"),
    "text of 2^60 bytes": (
        {"kind": checkpoints.TEXT, "shape": (), "data": checkpoints.number(1 << 60).ljust(16, b"\0"), "size": 16},
        "lengths of its texts",
    ),
    "2^60 texts": ({"kind": checkpoints.TEXT, "shape": (1 << 60,)}, "not the size of its shape"),
    "99999 files": ({"header": b"\x08\x9f\x8d\x06"}, "it has 99999 files"),
    "no header": ({"header": b""}, "it has 0 files"),
    "big-endian": ({"header": checkpoints.HEADER + b"\x10\x01"}, "big-endian"),
    "header of noise": ({"header": b"\xff\xff"}, "damaged"),
    "empty": ({"index": b""}, "truncated"),
    "noise": ({"index": bytes(range(256)) * 4}, "truncated|outside"),
    "no magic": ({"index": bytes(100)}, "not one of a checkpoint"),
    "compressed": ({"index": checkpoints.table(checkpoints.block([(b"", checkpoints.HEADER)]), 1)}, "is compressed"),
    "hidden entry": (
        {"index": checkpoints.table(_NESTED + (0).to_bytes(4, "little") + b"\x0d\0\0\0\x02\0\0\0")},
        "damaged",
    ),
    "key twice": (
        {"index": checkpoints.table(checkpoints.block([(b"", b"\x08\x01"), *[(b"w", checkpoints.entry())] * 2]))},
        "not in order",
    ),
    "key of a megabyte": ({"index": checkpoints.table(checkpoints.block([(b"w" * (1 << 20), b"")]))}, "damaged"),
    "key that is no text": (
        {"index": checkpoints.table(checkpoints.block([(b"", b"\x08\x01"), (b"\xff", checkpoints.entry())]))},
        "can't decode",
    ),
    "2^32 places": ({"index": checkpoints.table(b"\xff\xff\xff\xff")}, "damaged"),
}


@pytest.mark.parametrize("name", CRAFTED)
def test_a_crafted_checkpoint_is_refused(name, tmp_path):
    """None of them is given to TensorFlow, which aborts for some of them."""
    fields, said = CRAFTED[name]
    prefix = checkpoints.write(tmp_path, **fields)
    with pytest.raises(ValueError, match=said):
        checkpoint = checkpoint_files.check(prefix, MANY)
        for array in checkpoint.arrays:
            checkpoint.read(array)


def test_a_good_checkpoint_of_the_same_maker_is_read(tmp_path):
    data = np.array([1.5, -2], np.float32).tobytes()
    prefix = checkpoints.write(tmp_path, data=data)
    assert checkpoint_files.check(prefix, MANY).read("w").tolist() == [1.5, -2]
    assert slim_arrays.read(prefix)["w"].tolist() == [1.5, -2]
    assert detection_model.read_checkpoint(str(prefix)).get_tensor("w").tolist() == [1.5, -2]


@pytest.mark.parametrize("name", ["hugeshape", "neg", "dims300", "dtype0", "dtype999", "text of 2^60 bytes"])
def test_as_initial_weights_it_is_a_sentence(name, tmp_path):
    prefix = checkpoints.write(tmp_path / "zoo", **CRAFTED[name][0])
    for given in (tmp_path / "zoo", prefix):
        with pytest.raises(UserError, match=r"(zoo|model\.ckpt): not a readable checkpoint"):
            slim_arrays.read(given)


@pytest.mark.parametrize("name", ["hugeshape", "dtype999", "compressed", "text of 2^60 bytes"])
def test_as_a_trained_model_it_is_a_sentence(name, tiny_recipe, tmp_path):
    """`--model` of evaluate and export, and an earlier run's model as `--init`, use the same function."""
    prefix = checkpoints.write(tmp_path / "model" / "checkpoint", **CRAFTED[name][0])
    (prefix.parent / "checkpoint").write_text(f'model_checkpoint_path: "{prefix.name}"\n')
    recipes.write(tiny_recipe, tmp_path / "model" / "recipe.yaml")
    with pytest.raises(UserError, match=r"model: the checkpoint is damaged"):
        detection_model.load(tmp_path / "model")
    with pytest.raises(UserError, match=r"model: the checkpoint is damaged"):
        initial_weights.find(str(tmp_path / "model"), tiny_recipe)


@pytest.mark.parametrize("named", ["../elsewhere/model.ckpt", "{}/elsewhere/model.ckpt"])
def test_a_model_names_no_checkpoint_outside_of_it(named, tmp_path):
    checkpoints.write(tmp_path / "elsewhere")
    (tmp_path / "checkpoint").mkdir()
    (tmp_path / "checkpoint" / "checkpoint").write_text(f'model_checkpoint_path: "{named.format(tmp_path)}"\n')
    assert checkpoint_files.latest(tmp_path / "checkpoint") is None


@pytest.mark.parametrize("what", ["pipe", "folder", "device", "missing"])
def test_a_data_file_must_be_a_file(what, tmp_path):
    """A pipe would block the reader for ever, and /dev/zero never ends."""
    prefix = checkpoints.write(tmp_path)
    file = tmp_path / "model.ckpt.data-00000-of-00001"
    file.unlink()
    make = {"pipe": os.mkfifo, "folder": os.mkdir, "device": lambda path: os.symlink("/dev/zero", path)}
    make.get(what, lambda path: None)(file)
    with pytest.raises(UserError, match="is missing, or not a file"):
        slim_arrays.read(prefix)


def test_a_link_to_another_file_gives_none_of_its_content(tmp_path):
    """The checksum in the index is not that of the file to which a link leads."""
    prefix = checkpoints.write(tmp_path)
    file = tmp_path / "model.ckpt.data-00000-of-00001"
    file.unlink()
    (tmp_path / "secret").write_text("password=hunter2")
    file.symlink_to(tmp_path / "secret")
    with pytest.raises(UserError, match="checksum does not match") as error:
        slim_arrays.read(prefix)
    assert "hunter2" not in str(error.value)


def test_arrays_that_overlap_count_each_time(tmp_path):
    """1,000 arrays of the same megabyte."""
    data = bytes(1 << 20)
    crc = checkpoints.masked_crc(data)
    pairs = [(f"{i:04}".encode(), checkpoints.entry((1 << 18,), size=1 << 20, crc=crc)) for i in range(1000)]
    prefix = checkpoints.write(
        tmp_path, data=data, index=checkpoints.table(checkpoints.block([(b"", checkpoints.HEADER), *pairs]))
    )
    with pytest.raises(ValueError, match=r"its arrays have 1048576000 bytes; at most 1000000000 are read"):
        checkpoint_files.check(prefix, 1_000_000_000)


def test_a_recipe_of_a_million_classes_is_refused(tiny_recipe):
    many = tiny_recipe.model_copy(update={"classes": tuple(map(str, range(1_000_000)))})
    with pytest.raises(UserError, match="outputs per cell"):
        detection_model.build(many, training=False)


def test_a_damaged_graph_of_objects_is_a_sentence(tiny_recipe, tmp_path):
    """The index is well formed, but the graph of objects in the checkpoint is noise."""
    text = b"\xff" * 40
    data = checkpoints.number(len(text)) + bytes(4) + text
    crc = checkpoints.masked_crc((len(text)).to_bytes(4, "little"))
    data = data[:1] + crc.to_bytes(4, "little") + text
    whole = checkpoints.masked_crc(len(text).to_bytes(4, "little"), crc.to_bytes(4, "little"), text)
    entry = checkpoints.entry((), checkpoints.TEXT, size=len(data), crc=whole)
    index = checkpoints.table(checkpoints.block([(b"", checkpoints.HEADER), (b"_CHECKPOINTABLE_OBJECT_GRAPH", entry)]))
    prefix = checkpoints.write(tmp_path / "model" / "checkpoint", data=data, index=index)
    (prefix.parent / "checkpoint").write_text(f'model_checkpoint_path: "{prefix.name}"\n')
    recipes.write(tiny_recipe, tmp_path / "model" / "recipe.yaml")
    with pytest.raises(UserError, match=r"does not fit the network|checkpoint is damaged"):
        detection_model.load(tmp_path / "model")
    shutil.rmtree(tmp_path / "model")

# environment: train
"""The .npz files of strangers: bombs, lies about sizes and types, and code."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from weights import npy, npz, refused

from boxwright.core.foreign_files import weight_files
from boxwright.core.pretrained import foreign_weights, slim_arrays
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

BAD_ARRAYS = {
    "36 TiB": (npy("(10000000000000,)"), "holds more than 1 GiB"),
    "a shape of 10 ** 30": (npy(f"({10**30},)"), "holds more than 1 GiB"),
    "sizes that overflow to 0": (npy(f"({2**32}, {2**32})"), "holds more than 1 GiB"),
    "a negative size": (npy("(-1, 4)"), "impossible shape"),
    "40 sizes": (npy("(" + "1," * 40 + ")"), "impossible shape"),
    "less than its shape": (npy("(100,)", data=b"1234"), "truncated"),
    "objects": (npy("(1,)", "|O", pickle.dumps(print)), "never unpickled"),
    "objects in a structure": (npy("(1,)", "[('a', '|O')]", pickle.dumps(print)), "never unpickled"),
    "a structure": (npy("(1,)", "[('a', '<f4')]", bytes(4)), "not an array of numbers"),
    "texts of a gigabyte": (npy("(1,)", "<U1000000000"), "not a readable"),
    "nothing": (npy("(1,)", "|V0"), "not an array of numbers"),
    "times": (npy("(1,)", "<M8[s]", bytes(8)), "not an array of numbers"),
    "code as a shape": (npy("(__import__('os').system('touch pwned'),)"), "not a readable"),
    "a header of a megabyte": (npy("(1,)" + " " * (1 << 20), version=b"\2\0", data=bytes(4)), "not a readable"),
    "a header of 4 GiB": (b"\x93NUMPY\2\0\xff\xff\xff\xff{", "not a readable|memory"),
    "nested brackets": (npy("(" * 5000 + ")" * 5000), "not a readable|damaged"),
    "no end": (npy("(1,"), "not a readable|damaged"),
    "an unknown version": (b"\x93NUMPY\x09\0\1\0 ", "unknown version"),
    "no array": (b"hello", "not a readable"),
}


@pytest.mark.parametrize("name", BAD_ARRAYS)
def test_an_array_that_lies_is_refused(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content, said = BAD_ARRAYS[name]
    refused(npz(tmp_path / "init.npz", {"a.npy": content}), said)
    assert not (tmp_path / "pwned").exists()


def test_odd_arrays_of_numbers_are_read_as_before(tmp_path):
    arrays = {
        "big": np.arange(6, dtype=">f4").reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3)),
        "empty": np.zeros((0, 3), np.float32),
        "scalar": np.float32(2.5),
        "half": np.array([0.5], np.float16),
        "bytes": np.arange(3, dtype=np.uint8),
    }
    np.savez(tmp_path / "init.npz", **arrays)
    for name, array in slim_arrays.read(tmp_path / "init.npz").items():
        np.testing.assert_array_equal(array, arrays[name])


def test_a_member_that_unpacks_to_more_is_not_read(tmp_path, small):
    bomb = npz(tmp_path / "init.npz", {"a.npy": npy("(5000000,)", data=bytes(20_000_000))})
    assert bomb.stat().st_size < 50_000
    assert weight_files.VARIABLE in refused(bomb, "array a holds more than 10.24 MiB")


def test_arrays_are_counted_together(tmp_path, small):
    part = npy("(1000000,)", data=bytes(4_000_000))
    refused(npz(tmp_path / "init.npz", {f"{i}.npy": part for i in range(4)}), r"holds more than 10\.24 MiB")


def test_small_numbers_count_as_floats(tmp_path, small):
    """Training holds each as a float32."""
    part = npy("(8000000,)", "|u1", bytes(8_000_000))
    refused(npz(tmp_path / "init.npz", {"a.npy": part}), r"holds more than 10\.24 MiB")


def test_a_long_bias_is_not_multiplied(tmp_path, small):
    """Each bias gets the four parts of a batch norm."""
    arrays = slim_arrays.read(npz(tmp_path / "bias.npz", {"a/biases.npy": npy("(2000000,)", data=bytes(8_000_000))}))
    owned = {id(array.base if array.base is not None else array): array.strides for array in arrays.values()}
    assert len(arrays) == 5 and sum(strides != (0,) for strides in owned.values()) == 1


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    """The directory of the zip says 2 GiB, 4 GiB or 1 byte; the member has 132 bytes."""
    good = npz(tmp_path / "good.npz", {"a.npy": npy("(1,)", data=bytes(4))}).read_bytes()
    size = zipfile.ZipFile(io.BytesIO(good)).infolist()[0].file_size.to_bytes(4, "little")
    for lie in (b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\x01\0\0\0"):
        (tmp_path / "init.npz").write_bytes(good.replace(size, lie))
        if lie[0] == 1:
            refused(tmp_path / "init.npz", "not a readable|damaged")
        else:  # the array's own header decides how much is read
            assert slim_arrays.read(tmp_path / "init.npz")["a"].tolist() == [0]


def test_many_members_of_an_npz_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(weight_files, "MEMBERS", 100)
    path = npz(tmp_path / "init.npz", {f"{i}.npy": b"" for i in range(200)})
    with pytest.raises(UserError, match="200 members"):
        foreign_weights.collect(str(path), str(tmp_path / "temporary"), limits.GIB, str(path))


@pytest.mark.parametrize("value", ["many", "-1", "0", "nan", "inf", "1e400"])
def test_a_wrong_limit_is_a_sentence(value, tmp_path, monkeypatch):
    monkeypatch.setenv(weight_files.VARIABLE, value)
    np.savez(tmp_path / "init.npz", a=np.ones(1, np.float32))
    refused(tmp_path / "init.npz", weight_files.VARIABLE)

# environment: data
"""Arrays go to a child process and back as plain numbers."""

import numpy as np
import pytest

from boxwright.core.foreign_files import array_message
from boxwright.core.runtime.errors import UserError


def test_arrays_come_back_as_they_were():
    given = {"a": np.arange(6, dtype=np.float32).reshape(1, 2, 3), "b": np.zeros((0, 4), np.uint8), "c": np.array([7])}
    found = array_message.unpack(array_message.pack(given))
    assert list(found) == ["a", "b", "c"]
    for name, array in given.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape and (found[name] == array).all()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"no json",
        b'[["a", "object", [1]]]\n12345678',
        b'[["a", "float32", [2]]]\n1234',  # too few bytes
        b'[["a", "float32", [-1]]]\n1234',
        b'[["a", "float32", 1]]\n1234',
        b'{"a": 1}\n',
    ],
)
def test_a_damaged_message_is_refused(message):
    with pytest.raises(UserError, match="gave a damaged answer"):
        array_message.unpack(message)

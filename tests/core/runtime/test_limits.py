# environment: authoring
import io

import pytest

from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError


def test_a_stream_of_the_limit_is_read():
    assert limits.read_at_most(io.BytesIO(b"abc"), 3, "a.json") == b"abc"


def test_a_longer_stream_is_refused_in_a_sentence():
    with pytest.raises(UserError, match=r"^a.json holds more than 2 bytes, and not more is read; give a smaller file"):
        limits.read_at_most(io.BytesIO(b"abc"), 2, "a.json")


def test_a_stream_is_not_read_on_beyond_the_limit():
    stream = io.BytesIO(bytes(5 << 20))
    with pytest.raises(UserError):
        limits.read_at_most(stream, 1 << 20, "zeros")
    assert stream.tell() == (1 << 20) + 1


def test_pieces_before_the_limit_are_given():
    pieces = limits.chunks_at_most(io.BytesIO(bytes(3 << 20)), 2 << 20, "zeros", "give another")
    assert len(next(pieces)) + len(next(pieces)) == 2 << 20
    with pytest.raises(UserError, match=r"zeros holds more than 2 MiB, and not more is read; give another$"):
        next(pieces)


def test_a_size_above_the_limit_is_refused():
    limits.check_size(5, 5, "a.npz")
    with pytest.raises(UserError, match=r"a.npz holds more than 1 GiB \(it has 1.5 GiB\)"):
        limits.check_size(3 << 29, 1 << 30, "a.npz")

# environment: data
"""Plans and outcomes come back as they were written, and nothing else is read as one."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boxwright.convert.reading.source import Fault
from boxwright.convert.writing.pixels import Stored
from boxwright.convert.writing.shard_messages import (
    Object,
    Outcome,
    decode_outcome,
    decode_plan,
    encode_outcome,
    encode_plan,
)
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.runtime.errors import UserError

STORED = Stored(b"", "jpeg", "", 0.1, 1 / 3, 5e-324, "00ff")
UNSEEN = Stored(b"", "png", "gray")
FAULT = Fault("truncated", "of 7 bytes")
PLACE = Object("gs://archive/a.jpg", str(2**63 + 1), "AAAAAA==", "", "00ff")


def entry(**changes) -> Entry:
    columns = {
        "names": ("cat", "\udcff猫"),
        "class_ids": (1, 2),
        "boxes_yxyx": ((0, 0.1, 1.0, 1), (0.1, 0.2, 0.3, 0.7)),
    }
    flags: dict[str, Any] = {"difficult": (False, True), "truncated": (True, False), "crowd": (False, False)}
    frame: dict[str, Any] = {
        "plain": True,
        "upright": False,
        "filename": "a.jpg",
        "image_id": 3,
        "height": 48,
        "width": 64,
    }
    return Entry(**({"file": "/data/a.jpg", "seen": STORED} | frame | columns | flags | changes))


EMPTY = {name: () for name in ("names", "class_ids", "boxes_yxyx", "difficult", "truncated", "crowd")}


@pytest.mark.parametrize("seen", [None, STORED, UNSEEN, FAULT])
@pytest.mark.parametrize("columns", [{}, EMPTY])
def test_plan_comes_back(seen, columns):
    entries = [entry(seen=seen, **columns)]
    assert decode_plan(encode_plan(entries, [PLACE]), "here") == (entries, [PLACE])
    assert decode_plan(encode_plan(entries), "here") == (entries, [None])


@given(st.lists(st.floats(allow_nan=False), min_size=4, max_size=4))
def test_no_number_changes(box):
    one: dict[str, Any] = {name: values[:1] for name, values in entry()._asdict().items() if isinstance(values, tuple)}
    sent = entry(**(one | {"boxes_yxyx": (tuple(box),), "seen": None}))
    [back], _ = decode_plan(encode_plan([sent]), "here")
    assert [math.copysign(1, value) for value in back.boxes_yxyx[0]] == [math.copysign(1, value) for value in box]
    assert back.boxes_yxyx == (tuple(box),)


def test_outcome_comes_back():
    outcome = Outcome([STORED, UNSEEN, FAULT], records=2, objects=5, digest="ab")
    assert decode_outcome(encode_outcome(outcome), "here") == outcome


def test_pixels_stay_behind():
    body = encode_outcome(Outcome([STORED._replace(encoded=b"\xff\xd8")], 1, 0, ""))
    assert decode_outcome(body, "here").images == [STORED]


@pytest.mark.parametrize("decode", [decode_plan, decode_outcome])
@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b"\xff", b"[" * 100000, b'{"boxwright_plan": 2}', b"cos\nsystem\n(S'id'\ntR."]
)
def test_other_files_are_refused(decode, body):
    with pytest.raises(UserError, match=r"^gs://b/x: this is not the .* of a shard"):
        decode(body, "gs://b/x")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", 1), ("plain", 1), ("image_id", True), ("height", 48.0), ("names", "ab"), ("names", ["cat"]),
        ("class_ids", [1, "2"]), ("class_ids", [1, True]), ("boxes_yxyx", [[0, 0, 1]] * 2), ("boxes_yxyx", [[0, 0, 1, "1"]] * 2),
        ("boxes_yxyx", []), ("crowd", [0, 1]), ("seen", ["stored"]), ("seen", ["else", "x", ""]), ("seen", ["fault", 1, ""]),
        ("seen", ["stored", "jpeg", "", "1", 0, 0, ""]), ("seen", {}),
    ],
)  # fmt: skip
def test_values_of_other_types_are_refused(field, value):
    document = json.loads(encode_plan([entry()]))
    document["entries"][0][Entry._fields.index(field)] = value
    with pytest.raises(UserError, match="not the plan"):
        decode_plan(json.dumps(document).encode(), "here")


@pytest.mark.parametrize(
    "objects", [[], [None, None], ["gs://a"], [["/etc/passwd", 1, "", ""]], [["gs://a/b", "1", "", ""]]]
)
def test_objects_of_other_kinds_are_refused(objects):
    document = json.loads(encode_plan([entry()])) | {"objects": objects}
    with pytest.raises(UserError, match="not the plan"):
        decode_plan(json.dumps(document).encode(), "here")


@pytest.mark.parametrize(("field", "value"), [("images", [None]), ("images", 1), ("records", "1"), ("digest", None)])
def test_outcome_of_other_types_is_refused(field, value):
    document = json.loads(encode_outcome(Outcome([STORED], 1, 2, "ab"))) | {field: value}
    with pytest.raises(UserError, match="not the outcome"):
        decode_outcome(json.dumps(document).encode(), "here")

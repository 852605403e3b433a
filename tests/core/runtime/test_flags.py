# environment: data
"""Flags: what the annotations of a Config's fields mean, and which values are refused."""

import math
from dataclasses import MISSING, dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Bounds, Choices, Input, Output, StepConfig, flag, flags


@dataclass(frozen=True, kw_only=True)
class Base(StepConfig):
    seed: Annotated[int, Bounds(0, 9)] = 0
    """Seed, told
    on two lines."""


@dataclass(frozen=True, kw_only=True)
class Config(Base):
    records: Annotated[Path, Input("Dataset")]
    """Folder of records."""
    page_name: Annotated[Path, Output("HTML")] = Path("page.html")
    """Output: the page."""
    fix: Literal["clip", "drop"] = "clip"
    """What to do."""
    model: Annotated[str, Choices(("small", "large"), ("tiny",))] = "small"
    """Which model."""
    labels: dict = field(default_factory=dict)
    """Labels."""


def test_a_flag_says_what_its_field_says():
    records = flag(Config, "records")
    assert (records.option, records.kind, records.default) == ("--records", Path, MISSING)
    assert records.mark(Input) == Input("Dataset") and records.mark(Output) is None
    assert flag(Config, "page_name").option == "--page-name"
    assert flag(Config, "labels").default == {}


def test_flags_of_a_base_come_first_with_their_texts():
    texts = {one.name: one.text for one in flags(Config)}
    assert list(texts) == ["seed", "records", "page_name", "fix", "model", "labels"]
    assert texts["seed"] == "Seed, told on two lines."


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("seed", 0, ""),
        ("seed", 9, ""),
        ("seed", -1, "expected 0 or more"),
        ("seed", 10, "expected 9 or less"),
        ("fix", "drop", ""),
        ("fix", "fail", "expected one of clip, drop"),
        ("model", "tiny", ""),
        ("model", "huge", "expected one of small, large, tiny"),
        ("records", "anything", ""),
    ],
)
def test_bounds_and_choices(name, value, expected):
    assert flag(Config, name).wrong(value) == expected


def test_no_upper_bound_is_infinite():
    assert Bounds(1).most == math.inf


def test_every_wrong_value_is_named_at_once():
    with pytest.raises(UserError) as raised:
        Config(records=Path("r"), seed=-1, model="huge")
    assert str(raised.value) == "--seed -1: expected 0 or more; --model huge: expected one of small, large, tiny"

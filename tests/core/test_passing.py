"""Steps that read from buckets and write to them."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from boxwright.core import passing, storage
from boxwright.core.errors import UserError
from boxwright.core.step_io import Result


@dataclass(frozen=True, kw_only=True)
class Config:
    records: Path
    page: Path = Path("page.html")
    tables: Path = Path("tables")


def step(config: Config) -> Result:
    config.tables.mkdir(parents=True)
    (config.tables / "a.parquet").write_bytes((config.records / "in.txt").read_bytes() * 2)
    config.page.write_text("page")
    return Result(headline=f"wrote {config.page} and {config.tables}")


def test_paths_of_this_machine_pass_through(tmp_path):
    config = Config(records=tmp_path, page=tmp_path / "p", tables=tmp_path / "t")
    assert passing.run(lambda given: Result(headline=str(given is config)), config).headline == "True"


def test_inputs_are_copied_and_outputs_published(bucket, tmp_path):
    bucket.put("in/in.txt", b"ab")
    config = Config(
        records=Path("gs://archive/in"), page=Path("gs://archive/page"), tables=Path("gs://archive/out/tables")
    )
    assert passing.run(step, config).headline == "wrote gs://archive/page and gs://archive/out/tables"
    assert (storage.fetch("gs://archive/out/tables") / "a.parquet").read_bytes() == b"abab"
    assert storage.fetch("gs://archive/page").read_text() == "page"


def test_nothing_is_published_of_a_step_that_fails(bucket, tmp_path):
    bucket.put("in/other.txt", b"")
    with pytest.raises(FileNotFoundError):
        passing.run(step, Config(records=Path("gs://archive/in"), page=tmp_path / "p", tables=Path("gs://archive/out")))
    assert list(bucket.listed()) == ["in/other.txt"]


@pytest.mark.parametrize(
    ("records", "page", "tables", "message"),
    [
        ("gs://archive/none", "p", "gs://archive/t", "gs://archive/none: there is no such object"),
        ("in", "gs://elsewhere/p", "gs://archive/t", "gs://elsewhere/p: there is no such bucket"),
        ("in", "gs://archive/t", "gs://archive/t", "gs://archive/t is given for two outputs"),
    ],
)
def test_bad_places_are_named_before_the_work(bucket, records, page, tables, message):
    with pytest.raises(UserError, match=message):
        passing.run(pytest.fail, Config(records=Path(records), page=Path(page), tables=Path(tables)))

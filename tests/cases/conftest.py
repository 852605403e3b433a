"""The fixtures of the cases: small inputs built from public reports, in `cases` of the shared folder."""

from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("apache_beam", reason="convert runs in the data environment")

import parts
from convert_fixtures import Converted
from convert_fixtures import convert as convert
from convert_fixtures import made as made
from convert_fixtures import picture as picture

from boxwright.core.artifacts import validation
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.validate import step as validate
from boxwright.validate.config import Config as ValidateConfig


@dataclass(frozen=True)
class Read:
    """A case that was converted. folder: its data."""

    folder: Path
    converted: Converted

    @property
    def stored(self) -> int:
        return sum(split["objects"] for split in self.converted.manifest["splits"].values())

    @property
    def notices(self) -> set[str]:
        return {notice["id"] for notice in self.converted.manifest["notices"]}

    @property
    def reasons(self) -> dict[str, int]:
        """Quarantined images and objects by reason."""
        lost = self.converted.manifest["quarantined"]
        return {**lost["images"], **lost["objects"]}

    def claim(self, code: str) -> str:
        """The text of the only notice of this kind."""
        (claim,) = self.converted.claims(code)
        return claim

    def split_of(self, split: str) -> list[str]:
        """The file names of a split, sorted."""
        return sorted(record.filename for record in tfrecords.read(self.converted.records, split))

    def boxes(self) -> dict[str, list[tuple]]:
        """By file: class, left, top, right, bottom of each object in pixels of the stored image, rounded, sorted."""
        records, found = self.converted.read(), {}
        for name, objects in self.converted.boxes().items():
            width, height = records[name].width, records[name].height
            found[name] = sorted(
                (label, round(left * width), round(top * height), round(right * width), round(bottom * height))
                for label, top, left, bottom, right in objects
            )
        return found

    def truth(self) -> dict[str, list[tuple]]:
        """By file: the objects that are drawn in each stored picture of `parts`."""
        return {name: parts.objects(self.folder / name) for name in self.converted.read()}

    def is_right(self) -> bool:
        """Whether all twelve pictures are stored with exactly the objects that are drawn in them."""
        return len(self.truth()) == len(parts.TRUTH) and self.boxes() == self.truth()


@pytest.fixture
def data(shared):
    """The folder of a case, by the beginning of its name up to the first dash."""

    def data(number: str) -> Path:
        found = sorted((shared / "cases").glob(f"{number}-*"))
        if not found:
            pytest.skip(f"the shared folder holds no case {number}")
        return found[0] / "data"

    return data


@pytest.fixture
def read_case(data, convert):
    """Converts a case. flags: of convert."""

    def read_case(number: str | Path, **flags) -> Read:
        folder = number if isinstance(number, Path) else data(number)
        return Read(folder, convert(folder, **flags))

    return read_case


@pytest.fixture
def refusal(data, convert):
    """The sentence with which convert refuses a case. It fails if convert accepts it."""

    def refusal(number: str | Path, **flags) -> str:
        folder = number if isinstance(number, Path) else data(number)
        with pytest.raises(UserError) as refused:
            convert(folder, **flags)
        return str(refused.value)

    return refusal


@pytest.fixture
def judged(tmp_path):
    """What validate says about a case that was converted: its verdict and its findings."""

    def judged(read: Read, **flags) -> validation.Validation:
        out = tmp_path / "judged"
        where = {"schema": out / "schema.pbtxt", "page": out / "page.html"}
        where |= {name: out / name for name in ("statistics", "anomalies")}
        validate.run(ValidateConfig(records=read.converted.records, tables=read.converted.tables, **where, **flags))
        return validation.read(out / "anomalies" / "validation.json")

    return judged

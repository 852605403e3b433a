"""Tables as pandas, where it is installed."""

import importlib
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from boxwright.api.process import Error


def from_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Any:
    """Raises Error if pandas is not installed."""
    _require("pandas")
    pandas = importlib.import_module("pandas")
    return pandas.DataFrame.from_records([dict(row) for row in rows], columns=list(columns))


def from_parquet(file: Path) -> Any:
    """Raises Error if pandas or pyarrow is not installed."""
    _require("pandas", "pyarrow")
    pandas = importlib.import_module("pandas")
    return pandas.read_parquet(file, engine="pyarrow")


def _require(*packages: str) -> None:
    if missing := [name for name in packages if not find_spec(name)]:
        are = " and ".join(missing) + (" is" if len(missing) == 1 else " are")
        raise Error(f"{are} not installed in this Python: the table needs it; `pip install {' '.join(missing)}`")

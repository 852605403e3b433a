# environment: data
"""Missing and invalid tables. The tests of convert cover their content."""

import pytest

from boxwright.core.records import tables
from boxwright.core.runtime.errors import UserError


@pytest.mark.parametrize(("content", "why"), [(None, "it has no tables"), (b"no parquet at all", "Parquet")])
def test_no_tables_there(tmp_path, content, why):
    if content:
        for name in (tables.IMAGES, tables.OBJECTS):
            (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=f"{why}.*; expected the folder of tables that `boxwright convert` wrote"):
        tables.read(tmp_path)

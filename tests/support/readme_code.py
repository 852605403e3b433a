"""The Python code in our READMEs, as files: so that the tests run what a reader copies."""

import importlib.util
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def block(readme: str, of: str) -> str:
    """The one Python block of a README, named by its path in the repository, that defines the function `of`."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    (found,) = [code for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if f"def {of}(" in code]
    return found


def function(readme: str, of: str, folder: Path) -> Any:
    """The function of that block, after the block was written to `folder` and imported."""
    file = folder / f"{of}.py"
    file.write_text(block(readme, of), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(of, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, of)

# environment: data
"""The files of a finished run, as the tests of the report write them."""

import functools
import importlib.util
import tempfile
from pathlib import Path
from types import ModuleType

CONFTEST = Path(__file__).parents[1] / "report" / "conftest.py"


@functools.cache
def _writers() -> ModuleType:
    spec = importlib.util.spec_from_file_location("report_conftest", CONFTEST)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@functools.cache
def files() -> dict[str, bytes]:
    """Name -> content, without the .tflite file, which the report only measures."""
    write = _writers()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write.write_records(folder / "records")
        write.write_validation(folder / "anomalies", "ready", write.UNUSED)
        used = write.write_recipe(folder / "recipe.yaml")
        write.diagnosis_file.write(folder / "findings.json", write.diagnosis())
        write.write_model(folder / "model", used)
        write.write_evaluation(
            folder / "float", "trained", {"AP": 0.52, "AP50": 0.7, "cup": (0.7, 0.95), "pin": (0.34, 0.45)}
        )
        write.write_evaluation(
            folder / "int8", "int8", {"AP": 0.51, "AP50": 0.69, "cup": (0.69, 0.95), "pin": (0.33, 0.43)}
        )
        write.write_parity(folder / "tflite")
        write.dump(folder / "edgetpu" / "edgetpu.json", write.checked())
        small = (file for file in folder.rglob("*") if file.is_file() and file.suffix != ".tflite")
        return {str(file.relative_to(folder)): file.read_bytes() for file in small}

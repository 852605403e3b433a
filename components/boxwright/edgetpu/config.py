"""Checks the int8 TFLite file against what the Edge TPU compiler takes, and compiles it where the compiler is installed.

edgetpu.json lists each operator with its version and where it will run by the published rules. `compiled` is true only when
`edgetpu_compiler` wrote a file with operators on the Edge TPU.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from boxwright.core.runtime.flags import Input, Output, StepConfig


@dataclass(frozen=True, kw_only=True)
class Config(StepConfig):
    tflite: Annotated[Path, Input("Model")]
    """The tflite folder that export wrote."""
    edgetpu: Annotated[Path, Output("Model")] = Path("edgetpu")
    """Output folder: edgetpu.json; with the compiler also edgetpu.log and, when it compiled, int8_edgetpu.tflite."""

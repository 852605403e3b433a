"""Checks the int8 TFLite file by the published rules of the Edge TPU compiler, and compiles it if the compiler is installed.

edgetpu.json lists each operator with its version and its predicted placement: Edge TPU or CPU. `compiled` is true only if
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
    """Output folder: edgetpu.json. If the compiler is installed, also edgetpu.log and, if it succeeds, int8_edgetpu.tflite."""

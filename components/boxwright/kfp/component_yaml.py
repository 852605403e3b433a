"""Each step as a `component.yaml`: for pipelines that are written without Boxwright.

`make docs` writes one beside each step, which names no image. `boxwright compile --components` writes them with the images.
"""

import tempfile
from pathlib import Path

from kfp.compiler import Compiler

from boxwright.core.runtime.environments import STEPS, image
from boxwright.kfp.component import build

FILE = "component.yaml"
# Not a name that a registry can have, so that nobody else's image is run for it.
_NO_IMAGE = "REGISTRY/boxwright/{}:TAG"
_UNUSABLE = """\
# Written by `make docs` from config.py: the interface of this step. To use it, write it with the name of its image:
# `boxwright compile --components`.
"""


def interface(step: str) -> str:
    """The component without its image."""
    return _UNUSABLE + _compiled(step, _NO_IMAGE.format(STEPS[step]))


def text(step: str, variant: str = "") -> str:
    """The component with the image of this version, in the registry that BOXWRIGHT_REGISTRY names. variant: of the image."""
    return _compiled(step, image(STEPS[step], variant))


def _compiled(step: str, image_name: str) -> str:
    """The command names no parameter: KFP 2.17.0 fails on one whose default is to be used. All are in the executor input."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / FILE
        Compiler().compile(build(step, named=False, image_name=image_name), str(file))
        return file.read_text(encoding="utf-8")

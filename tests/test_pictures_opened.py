# environment: authoring
"""Only `core/images/opening.py` opens images, with Pillow, and it names the formats. OpenCV is given arrays."""

import ast
from collections.abc import Iterator

import source_code

OPENER = "components/boxwright/core/images/opening.py"
# Names under which Pillow's readers can be reached. Each opens whatever format the bytes have, or one that starts programs.
MODULES = (
    "PIL.ImageGrab",
    "PIL.ImageShow",
    "PIL.EpsImagePlugin",
    "PIL.WmfImagePlugin",
    "PIL.PSDraw",
    "imageio",
    "skimage",
)
# The readers of OpenCV, by the start of their names.
OPENCV = ("cv2.imread", "cv2.imdecode", "cv2.Video", "cv2.FileStorage", "cv2.dnn", "cv2.Cascade")
READERS = (*MODULES, *OPENCV)


def faults(tree: ast.AST) -> Iterator[str]:
    """Every call that opens an image without naming formats, and every import of another reader."""
    for node in ast.walk(tree):
        yield from (name for name in source_code.imported(node) if name.startswith(READERS) or name == "PIL.Image.open")
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith(OPENCV):
            yield ast.unparse(node)
        if isinstance(node, ast.Call) and opens(node) and "formats" not in {word.arg for word in node.keywords}:
            yield ast.unparse(node)


def opens(call: ast.Call) -> bool:
    return ast.unparse(call.func) in ("Image.open", "PIL.Image.open", "ImageFile.Parser", "ImageFile.Image.open")


def test_every_opening_names_the_formats():
    found = {source_code.name_of(file): list(faults(source_code.parsed(file))) for file in source_code.SOURCES}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_one_module_opens_images():
    openers = [
        source_code.name_of(file)
        for file in source_code.SOURCES
        if any(isinstance(node, ast.Call) and opens(node) for node in ast.walk(source_code.parsed(file)))
    ]
    assert openers == [OPENER]


def test_every_way_of_opening_is_found():
    for text in (
        "Image.open(file)", "PIL.Image.open(file, 'r')", "from PIL.Image import open", "cv2.imread(file)",
        "from cv2 import imdecode", "cv2.imreadmulti(file)", "cv2.VideoCapture(file)",
        "from PIL import EpsImagePlugin", "from PIL import ImageGrab", "ImageFile.Parser()",
    ):  # fmt: skip
        assert list(faults(ast.parse(text))), text
    for text in (
        "Image.open(file, formats=FORMATS)",
        "path.open()",
        "open(file)",
        "from PIL import Image",
        "cv2.blur(array)",
    ):
        assert not list(faults(ast.parse(text))), text

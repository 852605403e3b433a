"""A SavedModel or frozen graph as a detector: images in, raw numbers out."""

from pathlib import Path

import numpy as np

from boxwright.core.foreign_files import array_message
from boxwright.core.runtime.errors import UserError
from boxwright.examine.reading import pixels
from boxwright.examine.reading.reading import Feeding
from boxwright.examine.running import tensorflow_graph
from boxwright.examine.running.raw import Detector, Image, Raw

_TAKES = ("uint8", "float32")


class GraphSource:
    """detector: what the graph says. The OD API's exporters count classes from 1, and their graphs scale pixels themselves."""

    def __init__(self, path: Path) -> None:
        self._service = tensorflow_graph.start(path)
        about = self._service.result
        shape = about["shape"] or [-1, -1, -1, 3]
        if about["dtype"] not in _TAKES or len(shape) != 4 or shape[3] not in (3, -1):
            raise UserError(
                f"{path}: its input is {about['dtype']} of shape {str(shape)[:100]}; expected images [1, height, width, 3] as "
                "uint8 or float32 (the OD API's input_type image_tensor)"
            )
        height, width = (max(size, 0) for size in shape[1:3])
        self.detector = Detector(
            kind="ssd",
            height=height,
            width=width,
            takes=about["dtype"],
            scaling="pixels",
            scales_itself=about["dtype"] == "uint8",
            first_class=1,
        )

    def raw(self, image: Image, feeding: Feeding) -> Raw:
        """Raises UserError if the graph crashes."""
        request = array_message.pack({"image": pixels.tensor(image.pixels, self.detector, feeding)})
        found = array_message.unpack(self._service.ask(request))
        n = int(found["count"].ravel()[0])
        return Raw(
            boxes=found["boxes"].reshape(-1, 4)[:n],
            scores=found["scores"].ravel()[:n],
            classes=found["classes"].ravel()[:n].astype(np.int64),
        )

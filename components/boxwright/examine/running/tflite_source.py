"""A `.tflite` file as a detector: images in, raw numbers out."""

from pathlib import Path

import numpy as np

from boxwright.core.foreign_files import array_message
from boxwright.core.runtime.errors import UserError
from boxwright.examine.reading import boxes, pixels
from boxwright.examine.reading.reading import Feeding
from boxwright.examine.running import cells, tflite_file, tflite_outputs
from boxwright.examine.running.raw import Detector, Image, Raw, Scaling, Suppression


class TfliteSource:
    """detector: what the file says. classes: number of the data's classes, which tells YOLO's forms apart. anchors_yxyx: (k, 4)
    of the detection op, as fractions, once an image was run; None without the op."""

    def __init__(self, path: Path, classes: int) -> None:
        self._path, self._classes = path, classes
        self.anchors_yxyx: np.ndarray | None = None
        self._services = {1: tflite_file.start(path)}
        about = self._services[1].result
        try:
            kind = cells.kind(about["shapes"])
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
        self._options = about["options"]
        self.detector = Detector(
            kind=kind,
            height=about["height"],
            width=about["width"],
            takes=about["dtype"],
            quantization=(about["scale"], about["zero_point"]),
            scaling=usual_scaling(about["dtype"], about["scale"], about["zero_point"], kind),
            labels=tuple(about["labels"]),
            suppression=_suppression(self._options),
            most=about["shapes"].get("scores", [0])[-1],
        )

    def raw(self, image: Image, feeding: Feeding) -> Raw:
        """Raises UserError if the file crashes or gives no numbers."""
        service = self._services.setdefault(feeding.threads, self._start(feeding.threads))
        found = array_message.unpack(service.ask(pixels.tensor(image.pixels, self.detector, feeding).tobytes()))
        side = self.detector.width
        if self.detector.kind == "yolo":
            (output,) = found.values()
            return cells.yolo(output, self._classes, side)
        if self.detector.kind == "anchors":
            return cells.anchored(found, self._classes, side)
        return self._post_processed(found)

    def _start(self, threads: int) -> tflite_file.Service:
        return self._services.get(threads) or tflite_file.start(self._path, threads)

    def _post_processed(self, found: dict[str, np.ndarray]) -> Raw:
        """The op's detections, and the candidates that it took."""
        scales = [self._options[f"{axis}_scale"] for axis in "yxhw"]
        codes, scores = found["codes"].reshape(-1, 4), found["class_scores"]
        scores = scores.reshape(len(codes), -1)
        background = scores.shape[1] - int(self._options["num_classes"])
        n = int(found["count"].ravel()[0])
        if self.anchors_yxyx is None:
            self.anchors_yxyx = boxes.corners(found["anchors"].reshape(-1, 4)[:, [1, 0, 3, 2]], "cxcywh")
        return Raw(
            boxes=found["boxes"].reshape(-1, 4)[:n],
            scores=found["scores"].ravel()[:n],
            classes=found["classes"].ravel()[:n].astype(np.int64),
            candidates=tflite_outputs.decoded_anchors(codes, found["anchors"], scales),
            class_scores=scores[:, max(background, 0) :],
        )


def usual_scaling(dtype: str, scale: float, zero_point: int, kind: str) -> Scaling:
    """How pixels are usually scaled: for a quantised input by its range, else by the form of the outputs."""
    if scale:
        kinds = np.iinfo(np.dtype(dtype))
        low, high = scale * (kinds.min - zero_point), scale * (kinds.max - zero_point)
        return "symmetric" if low < -0.25 else "unit" if high < 16 else "pixels"
    return "unit" if kind == "yolo" else "symmetric"


def _suppression(options: dict[str, float] | None) -> Suppression | None:
    if not options:
        return None
    return Suppression(
        threshold=options["nms_score_threshold"], iou=options["nms_iou_threshold"], most=int(options["max_detections"])
    )

# environment: data
"""Draws pictures that resemble photographs: noise at many scales, and objects with a texture of their own."""

import json

import cv2
import numpy as np
from PIL import Image

HEIGHT, WIDTH = 240, 320
# (pixels (h, w) uint8, boxes (n, 4) x, y, width, height in pixels)
Scene = tuple[np.ndarray, np.ndarray]


def texture(random, height=HEIGHT, width=WIDTH):
    """(height, width) float32 in 0..1: noise with the same contrast at each scale, as photographs have."""
    total = np.zeros((height, width), np.float32)
    for cells in (4, 8, 16, 32, 64):
        coarse = random.normal(0, 1, (cells * height // 240 + 2, cells * width // 240 + 2)).astype(np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(0.5 + 0.12 * total, 0, 1)


def put(random, canvas, objects):
    """The canvas with an object at each (x, y, width, height): an ellipse with its own texture and brightness."""
    out = canvas.copy()
    for x, y, width, height in np.asarray(objects, int):
        own = np.clip(texture(random, height, width) + random.uniform(-0.3, 0.3), 0, 1)
        mask = np.zeros((height, width), np.uint8)
        cv2.ellipse(mask, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, (1,), -1)
        out[y : y + height, x : x + width][mask > 0] = own[mask > 0]
    return (255 * out).astype(np.uint8), np.array(objects, np.float32)


def places(random, count=3):
    """(count, 4) boxes in columns of their own, so that they do not overlap."""
    width = WIDTH // count
    side = random.integers(36, 60, (count, 2))
    x = np.arange(count) * width + random.integers(4, width - 60 - 4, count)
    return np.stack([x, random.integers(8, HEIGHT - 70, count), side[:, 0], side[:, 1]], axis=1)


def photo(random) -> Scene:
    """A picture that resembles no other."""
    return put(random, texture(random), places(random))


def turned(random, scene: Scene) -> Scene:
    """Rotated by 5 to 20 degrees, zoomed by 1.1 to 1.4, brighter or darker, half of them mirrored."""
    height, width = scene[0].shape
    angle, zoom = random.choice([-1, 1]) * random.uniform(5, 20), random.uniform(1.1, 1.4)
    out, moved = warped(scene, cv2.getRotationMatrix2D((width / 2, height / 2), angle, zoom))
    if random.random() < 0.5:
        out, moved[:, 0] = out[:, ::-1], width - moved[:, 0] - moved[:, 2]
    return np.clip(out * random.uniform(0.7, 1.3), 0, 255).astype(np.uint8), moved


def sheared(random, scene: Scene) -> Scene:
    """Sheared by 6 to 12 degrees in one direction or both, or stretched by 1.2 to 1.4."""
    one, two = np.tan(np.radians(random.choice([-1, 1], 2) * random.uniform(6, 12, 2)))
    longer = random.uniform(1.2, 1.4)
    return warped(
        scene, _about_center(scene, random.choice([[[1, one], [0, 1]], [[1, one], [two, 1]], [[longer, 0], [0, 1]]]))
    )


def zooms(random) -> list[Scene]:
    """One place from three heights."""
    scene = photo(random)
    return [warped(scene, _about_center(scene, np.eye(2) * zoom)) for zoom in (1, 1.5, 2.25)]


def warped(scene: Scene, matrix) -> Scene:
    """matrix: (2, 3). Objects of which little is left in the picture are dropped."""
    grey, boxes = scene
    height, width = grey.shape
    out = cv2.warpAffine(grey, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    zoom = np.sqrt(np.linalg.det(matrix[:, :2]))
    center = (boxes[:, :2] + boxes[:, 2:] / 2) @ matrix[:, :2].T + matrix[:, 2]
    low, high = center - boxes[:, 2:] * zoom / 2, center + boxes[:, 2:] * zoom / 2
    low, high = np.clip(low, 0, (width, height)), np.clip(high, 0, (width, height))
    return out, np.concatenate([low, high - low], axis=1)[((high - low) > 8).all(axis=1)]


def _about_center(scene: Scene, linear):
    """(2, 3) matrix that leaves the center of the picture where it is."""
    center = np.array(scene[0].shape[::-1]) / 2
    return np.column_stack([linear, center - np.asarray(linear, float) @ center])


def fixed_camera(random, count) -> list[Scene]:
    """One view, other objects at other places in each picture, and a little noise."""
    view = texture(random)
    return [put(random, np.clip(view + random.normal(0, 0.02, view.shape), 0, 1), places(random)) for _ in range(count)]


def video(random, count) -> list[Scene]:
    """A camera that moves by 2 pixels a frame, and objects that move by one."""
    wide = texture(random, HEIGHT, WIDTH + 2 * count)
    first, seeds = places(random), random.integers(0, 2**31, count)
    frames = []
    for number in range(count):
        at = first + np.array([number % 6, 0, 0, 0])
        frames.append(put(np.random.default_rng(seeds[0]), wide[:, 2 * number : 2 * number + WIDTH], at))
    return frames


def forms(random, count) -> list[Scene]:
    """Printed forms with the same lines and words; what is filled in differs, and has the boxes."""
    print_ = np.full((HEIGHT, WIDTH), 0.95, np.float32)
    fields = np.array([[150, y, 130, 22] for y in range(20, 200, 36)])
    for number, (x, y, width, height) in enumerate(fields):
        cv2.rectangle(print_, (x, y), (x + width, y + height), (0.5,), 1)
        cv2.putText(
            print_,
            f"Field {number} {random.integers(100)}",
            (10, int(y) + 16),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.5,
            (0.1,),
            1,
        )
    return [_filled(random, print_, fields) for _ in range(count)]


def _filled(random, blank, fields) -> Scene:
    page = blank.copy()
    for x, y, _, height in fields:
        text = "".join(random.choice(list("ABCDEFGHKLMNPRSTUVWXYZ0123456789"), 9))
        cv2.putText(page, text, (int(x) + 4, int(y + height) - 6), cv2.FONT_HERSHEY_COMPLEX_SMALL, 0.8, (0.1,), 1)
    return (255 * page).astype(np.uint8), fields.astype(np.float32)


def write(folder, splits):
    """COCO json in train/, valid/ and test/. splits: {split: {file name: scene}}."""
    for split, scenes in splits.items():
        (folder / split).mkdir(parents=True)
        images, annotations = [], []
        for number, (name, (grey, boxes)) in enumerate(scenes.items()):
            Image.fromarray(np.ascontiguousarray(grey)).save(folder / split / name, quality=88)
            images.append({"id": number, "file_name": name, "width": grey.shape[1], "height": grey.shape[0]})
            annotations += [
                {"id": len(annotations) + k, "image_id": number, "category_id": 1, "bbox": box.tolist(), "iscrowd": 0}
                for k, box in enumerate(boxes)
            ]
        made = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "thing"}]}
        (folder / split / "_annotations.coco.json").write_text(json.dumps(made))

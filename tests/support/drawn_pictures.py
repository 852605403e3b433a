# environment: data
"""Draws pictures of two classes for the laboratory: cats (bright top, dark bottom) and dogs (bright everywhere)."""

import json

import numpy as np
from PIL import Image

SIDE = 160


def draw(random, shifted=0.0, turned=0.0, light=1.0, scaled=1.0):
    """(pixels (160, 160) uint8, [(class id, box xywh in pixels)]): one cat in the left half, one dog in the right one.

    shifted: share of cats whose box is off by 15 to 30 % of their side. turned: share of cats that are upside down.
    scaled: sides of each box in sides of its object.
    """
    canvas = random.uniform(0.3, 0.5) + random.normal(0, 0.03, (SIDE, SIDE))
    objects = []
    for class_id, left in ((1, 4), (2, 84)):
        side = int(random.integers(40, 56))
        x, y = int(left + random.integers(0, 74 - side)), int(random.integers(16, SIDE - side - 16))
        up, down = ((0.9, 0.1), (0.9, 0.9))[class_id - 1]
        if class_id == 1 and random.random() < turned:
            up, down = down, up
        canvas[y : y + side // 2, x : x + side] = up + random.normal(0, 0.03)
        canvas[y + side // 2 : y + side, x : x + side] = down + random.normal(0, 0.03)
        if class_id == 1 and random.random() < shifted:
            y += round(random.choice([-1, 1]) * random.uniform(0.15, 0.3) * side)
        more = round((scaled - 1) * side / 2)
        objects.append((class_id, [x - more, y - more, side + 2 * more, side + 2 * more]))
    return (255 * np.clip(light * canvas, 0, 1)).astype(np.uint8), objects


def write(folder, counts, seed, light=None, **flaws):
    """COCO json in train/, valid/ and test/ as Roboflow exports it. counts: images per split; light: brightness factor per
    split."""
    random = np.random.default_rng(seed)
    for split, n in counts.items():
        (folder / split).mkdir(parents=True)
        images, annotations = [], []
        for number in range(n):
            pixels, objects = draw(random, light=(light or {}).get(split, 1.0), **flaws)
            name = f"{split}{number}.png"
            Image.fromarray(pixels).save(folder / split / name)
            images.append({"id": number, "file_name": name, "width": SIDE, "height": SIDE})
            annotations += [
                {"id": len(annotations) + k, "image_id": number, "category_id": c, "bbox": box, "iscrowd": 0}
                for k, (c, box) in enumerate(objects)
            ]
        categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
        (folder / split / "_annotations.coco.json").write_text(
            json.dumps({"images": images, "annotations": annotations, "categories": categories})
        )

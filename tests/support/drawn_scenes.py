# environment: data
"""Draws scenes that have an up, and scenes that have none, for the laboratory. Objects and grounds vary."""

import numpy as np
from PIL import Image, ImageDraw

SIDE = 200
# Angles of the letter F, a sided object, in degrees.
_TILT = 12


def texture(random, coarse=25, strength=40.0):
    """(SIDE, SIDE) spots around 0, `coarse` of them on a side."""
    spots = random.normal(0, strength, (coarse, coarse)).astype(np.float32)
    return np.asarray(Image.fromarray(spots).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def upright(random, halves=0.0, count=3):
    """Animals from the side on the ground below the sky. halves: how much darker the lower half of an animal is; each animal is
    light or dark at random, so that the mean of the brightness says nothing."""
    horizon = int(random.integers(60, 110))
    rows = np.arange(SIDE)[:, None]
    sky, ground = random.uniform(90, 220), random.uniform(40, 200)
    far = np.clip((rows - horizon) / (SIDE - horizon), 0, 1)
    canvas = np.where(rows < horizon, sky + texture(random, 4, 8), ground + texture(random, 50) * (0.3 + far))
    boxes = [_animal(canvas, random, halves, column * SIDE // count, horizon) for column in range(count)]
    return _finished(canvas, random), boxes


def from_above(random, count=6):
    """Cars at all angles on a field with furrows at any angle; the sun throws no shadow."""
    canvas = random.uniform(70, 180) + texture(random, 20) + _furrows(random)
    boxes = [_thing(canvas, random, _car, random.uniform(0, 360), place) for place in _places(random, count)]
    return _finished(canvas, random), boxes


def microscope(random, count=6):
    """Cells at all angles. The lamp has a side, and the field of view ends in the dark, the same in all pictures."""
    rows, columns = np.mgrid[:SIDE, :SIDE] / SIDE
    canvas = 190 + texture(random, 30, 6)
    boxes = [_thing(canvas, random, _cell, random.uniform(0, 360), place) for place in _places(random, count)]
    canvas *= (1.1 - 0.5 * rows) * np.clip(3.2 - 4.5 * np.hypot(rows - 0.45, columns - 0.5), 0, 1)
    return _finished(canvas, random), boxes


def letters(random, count=6):
    """Letters of many hands that differ from their mirror images, on walls."""
    canvas = random.uniform(60, 200) + texture(random, 40, 35)
    boxes = [_thing(canvas, random, _letter, random.uniform(-_TILT, _TILT), place) for place in _places(random, count)]
    return _finished(canvas, random), boxes


def _finished(canvas, random):
    return np.clip(canvas + random.normal(0, 4, canvas.shape), 0, 255).astype(np.uint8)


def _furrows(random):
    rows, columns = np.mgrid[:SIDE, :SIDE]
    angle, width = random.uniform(0, np.pi), random.uniform(4, 12)
    return 20 * np.sin((np.cos(angle) * rows + np.sin(angle) * columns) / width)


def _places(random, count):
    """Left and top of `count` squares of 60 pixels that do not overlap."""
    fields = random.permutation(9)[:count]
    return [(3 + 66 * int(field % 3), 3 + 66 * int(field // 3)) for field in fields]


def _animal(canvas, random, halves, left, horizon):
    """[class id, x, y, w, h] of a body with a head and four legs that faces left or right."""
    size = int(random.integers(36, 60))
    top = int(random.integers(horizon - size // 2, SIDE - size))
    mask = Image.new("L", (60, 60))
    draw, legs = ImageDraw.Draw(mask), 60 * random.uniform(0.5, 0.65)
    draw.ellipse((6, 60 * random.uniform(0.1, 0.25), 50, legs + 4), fill=255)
    draw.ellipse((40, random.uniform(0, 8), 59, random.uniform(20, 30)), fill=255)
    for x in (10, 18, 36, 44):
        at = x + random.uniform(-3, 3)
        draw.line((at, legs, at + random.uniform(-5, 5), 59), fill=255, width=4)
    if random.random() < 0.5:
        mask = mask.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    shade = random.choice([30.0, 225.0]) + texture(random, 30, 15)[:60, :60]
    shade[30:] -= halves * (2 * (shade[:30].mean() > 128) - 1)
    return _paste(canvas, random, mask, shade, (left + 2, top), size)


def _thing(canvas, random, drawn, angle, place):
    """[class id, x, y, w, h] of something drawn on 80 x 80 pixels and turned by `angle` degrees."""
    mask, shade = drawn(random)
    turned = mask.rotate(angle, Image.Resampling.BILINEAR)
    return _paste(
        canvas, random, turned, np.asarray(shade.rotate(angle), np.float32), place, int(random.integers(44, 60))
    )


def _car(random):
    shade, paint = Image.new("L", (80, 80), int(random.integers(20, 235))), int(random.integers(0, 255))
    ImageDraw.Draw(shade).rectangle((30, 18, 50, 30), fill=paint)
    ImageDraw.Draw(shade).rectangle((30, 56, 50, 62), fill=paint)
    mask = Image.new("L", (80, 80))
    ImageDraw.Draw(mask).rounded_rectangle((27, 10, 53, 70), 6, fill=255)
    return mask, shade


def _cell(random):
    shade, mask = Image.new("L", (80, 80), int(random.integers(80, 130))), Image.new("L", (80, 80))
    wide, high = random.uniform(18, 32, 2)
    ImageDraw.Draw(mask).ellipse((40 - wide, 40 - high, 40 + wide, 40 + high), fill=255)
    x, y = random.uniform(30, 50, 2)
    ImageDraw.Draw(shade).ellipse((x - 8, y - 6, x + 8, y + 6), fill=40)
    return mask, shade


def _letter(random):
    mask, width = Image.new("L", (80, 80)), int(random.integers(5, 14))
    left, top, middle, right = random.uniform((18, 10, 34, 46), (30, 22, 46, 64))
    draw = ImageDraw.Draw(mask)
    draw.line((left, top, left + random.uniform(-4, 4), random.uniform(58, 72)), fill=255, width=width)
    draw.line((left, top, right, top + random.uniform(-5, 5)), fill=255, width=width)
    draw.line((left, middle, right - random.uniform(2, 14), middle), fill=255, width=width)
    return mask, Image.new("L", (80, 80), int(random.choice([15, 240])))


def _paste(canvas, random, mask, shade, place, size):
    """Puts the masked part onto the canvas, `size` pixels wide, and gives its class and box."""
    part = np.asarray(mask.resize((size, size)), np.float32) / 255
    paint = np.asarray(Image.fromarray(shade).resize((size, size)), np.float32)
    left, top = place
    area = canvas[top : top + size, left : left + size]
    area[:] = area * (1 - part) + paint * part
    rows, columns = (np.flatnonzero((part > 0.5).any(axis)) for axis in (1, 0))
    return [1, left + columns[0], top + rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]

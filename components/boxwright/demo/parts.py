"""The parts on the generator's workbench: distance fields with a height, shaded, textured and rotated by any angle.

A part is a function of (u, v), its size in pixels and a random generator. (u, v) is the pixel grid in the part's own frame, with
the origin at its middle, in pixels. The function returns a Relief. Distance formulas: Inigo Quilez, "2D distance functions".
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class Relief:
    """distance: to the outline, pixels, negative inside; height: pixels above the bench; color: (h, w, 3) or (3,), linear
    0..1; shine: strength of the highlight."""

    distance: Array
    height: Array
    color: Array
    shine: float


@dataclass(frozen=True, eq=False)
class Sprite:
    """A shaded part on its window of the canvas. color: (h, w, 3); alpha, shadow: (h, w) in 0..1; top, left: of the window."""

    color: Array
    alpha: Array
    shadow: Array
    top: int
    left: int


Part = Callable[[Array, Array, float, np.random.Generator], Relief]


def smooth_noise(shape: tuple[int, ...], cells: tuple[int, int], rng: np.random.Generator) -> Array:
    """Noise in 0..1 with about `cells` bumps down and across. shape: (h, w)."""
    coarse = rng.random((cells[0] + 1, cells[1] + 1)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((shape[1], shape[0]), Image.Resampling.BICUBIC))


def _tinted(rgb: tuple[float, float, float], rng: np.random.Generator, spread: float = 0.06) -> Array:
    tone = np.array(rgb) * rng.uniform(0.85, 1.12) + rng.uniform(-spread, spread, 3) * 0.5
    return tone.clip(0.02, 1).astype(np.float32)


def _hexagon(u: Array, v: Array, apothem: float) -> Array:
    u, v = np.abs(u), np.abs(v)
    return np.maximum(0.8660254 * u + 0.5 * v, v) - apothem


def _box(u: Array, v: Array, half_u: float, half_v: float, corner: float) -> Array:
    du, dv = np.abs(u) - half_u + corner, np.abs(v) - half_v + corner
    outside = np.hypot(np.maximum(du, 0), np.maximum(dv, 0))
    return outside + np.minimum(np.maximum(du, dv), 0) - corner


def _bevel(distance: Array, width: float) -> Array:
    """Height of a plate whose edge is rounded over `width` pixels."""
    inside = (-distance / width).clip(0, 1)
    return width * np.sqrt(1 - (1 - inside) ** 2)


def nut(u: Array, v: Array, size: float, rng: np.random.Generator) -> Relief:
    """A brass nut from above: hexagon with a threaded hole. size: across the corners."""
    radius = size / 2
    hole = radius * rng.uniform(0.42, 0.5)
    across = np.hypot(u, v)
    distance = np.maximum(_hexagon(u, v, radius * 0.866), hole - across)
    rings = np.sin((across - hole) * 1.6) * (np.abs(across - hole) < radius * 0.12)
    height = _bevel(distance, radius * 0.22) - np.maximum(across - radius * 0.8, 0) * 0.5 + rings
    return Relief(distance, height, _tinted((0.86, 0.6, 0.16), rng), 0.7)


def bolt(u: Array, v: Array, size: float, rng: np.random.Generator) -> Relief:
    """A steel bolt lying on its side: hexagonal head, collar, threaded shank. size: its length."""
    shank, head_long = size * rng.uniform(0.085, 0.105), size * 0.16
    head_wide = shank * rng.uniform(1.75, 2.0)
    middle = -size / 2 + head_long / 2
    head = _box(u - middle, v, head_long / 2, head_wide, 2.0)
    body = _box(u - head_long / 2, v, (size - head_long) / 2, shank, 2.5)
    facets = head_wide * (0.55 + 0.3 * (np.abs(v) < head_wide * 0.5))
    round_ = np.sqrt(np.maximum(shank**2 - v**2, 0))
    pitch = max(3.2, size * 0.03)
    threaded = u > -size / 2 + head_long + size * rng.uniform(0.08, 0.3)
    thread = 0.9 * np.sin(2 * np.pi * (u + 0.25 * v) / pitch) * threaded
    height = np.where(head < body, np.minimum(facets, _bevel(head, head_wide * 0.6)), round_ + thread)
    return Relief(np.minimum(head, body), height, _tinted((0.5, 0.54, 0.6), rng), 0.9)


def screw(u: Array, v: Array, size: float, rng: np.random.Generator) -> Relief:
    """A small copper-red screw standing head up: a dome with a cross. size: across the head."""
    radius = size / 2
    across = np.hypot(u, v)
    dome = np.sqrt(np.maximum((1.25 * radius) ** 2 - across**2, 0)) - 0.75 * radius
    slot = radius * 0.15
    cross = np.minimum(np.maximum(np.abs(u) - radius * 0.62, np.abs(v) - slot), 0)
    cross = np.minimum(cross, np.minimum(np.maximum(np.abs(v) - radius * 0.62, np.abs(u) - slot), 0))
    color = np.where((cross < 0)[..., None], 0.25, 1.0) * _tinted((0.78, 0.2, 0.1), rng)
    return Relief(across - radius, dome + cross * 1.2, color, 0.6)


def washer(u: Array, v: Array, size: float, rng: np.random.Generator) -> Relief:
    """A flat steel ring with a hole like a nut's. Not labelled."""
    radius = size / 2
    across = np.hypot(u, v)
    distance = np.maximum(across - radius, radius * rng.uniform(0.45, 0.6) - across)
    return Relief(distance, _bevel(distance, 2.5), _tinted((0.55, 0.56, 0.58), rng), 0.6)


def pencil(u: Array, v: Array, size: float, rng: np.random.Generator) -> Relief:
    """A painted pencil with a point, about as long as a bolt. Not labelled."""
    half = size * 0.035
    point = np.maximum(u - size * 0.42, 0) * 0.45
    distance = np.maximum(_box(u, v, size / 2, half, 1.0), np.abs(v) - half + point)
    paint = _tinted(((0.1, 0.35, 0.2), (0.1, 0.2, 0.5), (0.45, 0.1, 0.4))[rng.integers(3)], rng)
    color = np.where((u > size * 0.42)[..., None], np.array([0.75, 0.6, 0.42], np.float32), paint)
    return Relief(distance, np.sqrt(np.maximum(half**2 - v**2, 0)), color, 0.2)


def pebble(u: Array, v: Array, size: float, rng: np.random.Generator) -> Relief:
    """A lump of putty or stone. Not labelled."""
    angle = np.arctan2(v, u)
    wobble = sum(rng.uniform(0, 0.12) * np.cos(n * angle + rng.uniform(0, 6.3)) for n in (2, 3, 5))
    distance = np.hypot(u, v) - size / 2 * (0.8 + wobble)
    rough = smooth_noise(u.shape, (9, 9), rng) * 3
    return Relief(distance, _bevel(distance, size * 0.4) + rough, _tinted((0.38, 0.37, 0.34), rng), 0.05)


def cable(u: Array, v: Array, size: float, rng: np.random.Generator) -> Relief:
    """A dark wire, slightly bent. It may cover other parts. Not labelled."""
    half = rng.uniform(3, 6)
    bent = v - rng.uniform(-0.12, 0.12) * size * np.cos(np.pi * u / size)
    distance = np.maximum(np.abs(bent) - half, np.abs(u) - size / 2)
    paint = ((0.05, 0.05, 0.06), (0.12, 0.14, 0.3), (0.3, 0.3, 0.3))[rng.integers(3)]
    return Relief(distance, np.sqrt(np.maximum(half**2 - bent**2, 0)), _tinted(paint, rng), 0.3)


def paper(u: Array, v: Array, size: float, rng: np.random.Generator) -> Relief:
    """A scrap of paper. It may cover other parts. Not labelled."""
    edge = smooth_noise(u.shape, (14, 14), rng) * 5
    distance = _box(u, v, size / 2, size * rng.uniform(0.15, 0.3), 1.0) + edge
    return Relief(distance, smooth_noise(u.shape, (4, 4), rng) * 6, _tinted((0.72, 0.7, 0.64), rng), 0.0)


def shade(
    part: Part, center_xy: tuple[float, float], size: float, angle: float, light: Array, rng: np.random.Generator
) -> Sprite:
    """Draws a part. angle: in radians; light: (3,) unit vector towards the light, x right, y down, z up."""
    reach = int(size * 0.62) + 14
    left, top = int(center_xy[0]) - reach, int(center_xy[1]) - reach
    y, x = np.mgrid[0 : 2 * reach, 0 : 2 * reach].astype(np.float32)
    x, y = x + left - center_xy[0], y + top - center_xy[1]
    cos, sin = np.cos(angle), np.sin(angle)
    relief = part(cos * x + sin * y, cos * y - sin * x, size, rng)
    alpha = (0.5 - relief.distance).clip(0, 1).astype(np.float32)
    shift = np.round(-light[:2] * (3 + 0.06 * size)).astype(int)
    cast = Image.fromarray((np.roll(alpha, shift[::-1], (0, 1)) * 255).astype(np.uint8))
    shadow = np.asarray(cast.filter(ImageFilter.GaussianBlur(3)), np.float32) / 255
    return Sprite(_lit(relief, light, rng), alpha, shadow, top, left)


def _lit(relief: Relief, light: Array, rng: np.random.Generator) -> Array:
    """Lambert's diffuse light, Blinn's highlight, and a soft reflection of an imagined room."""
    slope_y, slope_x = np.gradient(relief.height * 0.7)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    half = light + np.array([0, 0, 1])
    diffuse = (normal @ light).clip(0, 1)
    highlight = (normal @ (half / np.linalg.norm(half))).clip(0, 1) ** 28
    room = 0.5 + 0.5 * np.sin(5 * normal[..., 0] + 4 * normal[..., 1] + rng.uniform(0, 6.3))
    grain = smooth_noise(slope_x.shape, (slope_x.shape[0] // 2, slope_x.shape[1] // 6), rng) - 0.5
    base = relief.color * (0.28 + 0.75 * diffuse + 0.25 * relief.shine * room + 0.16 * grain)[..., None]
    return (base + (0.55 * relief.shine * highlight)[..., None]).astype(np.float32)

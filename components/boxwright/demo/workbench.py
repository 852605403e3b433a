"""The generator's workbench and camera: surfaces, uneven light, blur, sensor noise."""

import numpy as np
from PIL import Image, ImageFilter

from boxwright.demo.parts import Array, smooth_noise

Shape = tuple[int, int]


def _wood(shape: Shape, rng: np.random.Generator) -> Array:
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    warp = smooth_noise(shape, (5, 2), rng) * 60 + smooth_noise(shape, (40, 3), rng) * 8
    rings = 0.5 + 0.5 * np.sin((rows + warp) / rng.uniform(4, 9))
    planks = ((rows // rng.integers(110, 190)) % 3) * 0.05
    seam = (rows % 150 < 2) * 0.12
    tone = 0.36 + 0.1 * rings + planks + 0.08 * smooth_noise(shape, (160, 10), rng) - seam + 0 * columns
    return tone[..., None] * np.array([1.0, 0.8, 0.62]) * rng.uniform(0.75, 1.15)


def _steel(shape: Shape, rng: np.random.Generator) -> Array:
    brushed = smooth_noise(shape, (shape[0] // 2, 6), rng) * 0.16 + smooth_noise(shape, (4, 5), rng) * 0.2
    return (0.3 + brushed)[..., None] * np.array([0.92, 0.98, 1.06])


def _mat(shape: Shape, rng: np.random.Generator) -> Array:
    """A cutting mat with its grid."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    step, first = int(rng.integers(34, 60)), rng.integers(0, 30, 2)
    lines = ((rows + first[0]) % step < 1) | ((columns + first[1]) % step < 1)
    tone = 0.75 + 0.25 * smooth_noise(shape, (30, 40), rng) + 0.35 * lines
    hue = np.array(((0.1, 0.3, 0.24), (0.13, 0.2, 0.34), (0.2, 0.2, 0.22))[rng.integers(3)])
    return tone[..., None] * hue


def _concrete(shape: Shape, rng: np.random.Generator) -> Array:
    cloud = 0.22 * smooth_noise(shape, (5, 7), rng) + 0.14 * smooth_noise(shape, (40, 50), rng)
    specks = (smooth_noise(shape, (160, 210), rng) > 0.86) * rng.uniform(-0.18, 0.12)
    return (0.34 + cloud + specks)[..., None] * np.array([1.0, 0.98, 0.94])


SURFACES = (_wood, _steel, _mat, _concrete)


def surface(shape: Shape, rng: np.random.Generator) -> Array:
    """(h, w, 3) in 0..1, with stains and scratches."""
    canvas = SURFACES[rng.integers(len(SURFACES))](shape, rng).astype(np.float32)
    stains = (smooth_noise(shape, (4, 5), rng) - 0.62).clip(0, 1) * rng.uniform(0, 1.2)
    return canvas * (1 - stains[..., None])


def lighting(shape: Shape, light: Array, rng: np.random.Generator) -> Array:
    """A factor (h, w, 3): brighter towards the lamp, darker in the corners, with a soft shadow and the lamp's colour."""
    rows, columns = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    lamp = 1 + rng.uniform(0.08, 0.35) * (columns * light[0] + rows * light[1])
    corners = 1 - rng.uniform(0.05, 0.22) * (rows**2 + columns**2) / 2
    side = rng.uniform(0, 6.3)
    across = 1 / (1 + np.exp(-12 * (columns * np.cos(side) + rows * np.sin(side) - rng.uniform(0.1, 0.9))))
    shadow = 1 - rng.uniform(0, 0.42) * across
    warmth = rng.uniform(-0.08, 0.08)
    tint = np.array([1 + warmth, 1, 1 - warmth]) * rng.uniform(0.75, 1.3)
    return (lamp * corners * shadow)[..., None] * tint


def camera(canvas: Array, rng: np.random.Generator) -> Image.Image:
    """The image of a sensor: gamma, a little defocus, shot noise and read noise, 8 bit."""
    seen = canvas.clip(0, 1) ** (1 / rng.uniform(1.15, 1.4))
    image = Image.fromarray((seen * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.0)))
    pixels = np.asarray(image, np.float32)
    noise = rng.normal(0, 1, pixels.shape) * (rng.uniform(1, 4) + 0.25 * np.sqrt(pixels))
    return Image.fromarray((pixels + noise).clip(0, 255).astype(np.uint8))

# environment: data
"""The numbers of an image, compared with values by hand, SciPy and imagehash, at every resolution."""

import io

import imagehash
import numpy as np
import pytest
import scipy.ndimage
from PIL import Image

from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import pixels


def _png(grey: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(grey.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def _jpeg(image: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def _numbers(data: bytes, plain: bool = False) -> pixels.Stored:
    found = pixels.load(data, upright=False, plain=plain)
    assert isinstance(found, pixels.Stored)
    return found


def _fault(data: bytes, plain: bool = False) -> Fault:
    found = pixels.load(data, upright=False, plain=plain)
    assert isinstance(found, Fault)
    return found


def _bits(found: pixels.Stored) -> int:
    assert found.dhash
    return int(found.dhash, 16)


CHECKERED = np.indices((4, 6)).sum(0) % 2 * 255


@pytest.mark.parametrize(
    ("grey", "brightness", "contrast", "sharpness"),
    [
        (np.full((5, 7), 51), 0.2, 0.0, 0.0),
        (np.full((1, 1), 255), 1.0, 0.0, 0.0),
        # Half 0 and half 255.
        (CHECKERED, 0.5, 0.5, None),
        # One bright pixel: -4 there, 1 in each of its four neighbours: 20 / 25.
        (np.pad([[255]], 2), 0.04, 0.19596, 0.8),
    ],
)
def test_by_hand(grey, brightness, contrast, sharpness):
    found = _numbers(_png(grey))
    assert (found.brightness, found.contrast) == (brightness, contrast)
    if sharpness is not None:
        assert found.sharpness == sharpness


def test_sharpness_equals_scipys_laplacian():
    grey = np.random.default_rng(0).integers(0, 256, (120, 200))
    expected = scipy.ndimage.laplace(grey / 255, mode="nearest").var()
    assert _numbers(_png(grey)).sharpness == pytest.approx(expected, abs=1e-4)


@pytest.fixture(scope="module")
def picture():
    """2560 x 1920, of blobs and edges of many sizes."""
    random = np.random.default_rng(0)
    layers = [scipy.ndimage.zoom(random.normal(0, 1, (3 * n, 4 * n)), 640 / n, order=0) for n in (4, 16, 64, 128)]
    grey = scipy.ndimage.gaussian_filter(sum(layers), 4)
    return Image.fromarray((255 * (grey - grey.min()) / np.ptp(grey)).astype(np.uint8))


@pytest.mark.parametrize(
    "grey",
    [
        np.full((320, 320), 255),
        np.indices((240, 320)).sum(0) % 2 * 255,
        np.random.default_rng(0).choice([0, 255], (200, 320)),
    ],
)
def test_sums_are_exact(grey):
    """Also for rows whose sum float32 cannot hold. Compared with Python's integers."""
    values = grey.astype(np.uint8)
    edges = scipy.ndimage.laplace(grey.astype(np.int64), mode="nearest")
    found = _numbers(_png(values))
    size, total, squares = grey.size, int(grey.sum()), sum(int(value) ** 2 for value in grey.flat)
    assert found.brightness == round(total / size / 255, 5)
    assert found.contrast == round(((size * squares - total**2) / size**2) ** 0.5 / 255, 5)
    assert found.sharpness == round(sum(int(value) ** 2 for value in edges.flat) / size / 255**2, 6)


def test_several_images_at_a_time(picture, tmp_path):
    """The result for an image does not depend on the others."""
    seen = picture.resize((640, 480))
    whole = _jpeg(seen)
    kinds = {"a.jpg": whole, "b.jpg": whole[:-999], "c.png": _png(np.asarray(seen)), "d.txt": b"no picture"}
    for name, data in kinds.items():
        (tmp_path / name).write_bytes(data)
    files = [*kinds, "e.jpg"]
    found = pixels.measure_files([(str(tmp_path / name), False, name.endswith("jpg")) for name in files])
    by_itself = [pixels.load(data, upright=False, plain=name.endswith("jpg")) for name, data in kinds.items()]
    faults = [one.reason if isinstance(one, Fault) else "" for one in found]
    assert faults == ["", "truncated", "", "undecodable", "missing"]
    assert found[:4] == [one if isinstance(one, Fault) else one.without_pixels() for one in by_itself]


@pytest.mark.parametrize("width", [330, 400, 511, 512, 640, 1024, 1280, 1500, 2560])
def test_numbers_compare_across_resolutions(width, picture):
    """Compared with the same scene at 320 pixels, where nothing is resized."""
    reference = _numbers(_png(np.asarray(picture.resize((320, 240), Image.Resampling.BOX))))
    seen = picture.resize((width, width * 3 // 4), Image.Resampling.BOX)
    for found in (_numbers(_jpeg(seen, quality=95), plain=True), _numbers(_png(np.asarray(seen)))):
        assert found.brightness == pytest.approx(reference.brightness, abs=0.005)
        assert found.contrast == pytest.approx(reference.contrast, rel=0.03)
        assert found.sharpness == pytest.approx(reference.sharpness, rel=0.08)
        assert (_bits(found) ^ _bits(reference)).bit_count() <= 3


def test_blur_lowers_sharpness(picture):
    seen = picture.resize((640, 480))
    blurred = Image.fromarray(scipy.ndimage.gaussian_filter(np.asarray(seen), 2))
    sharp, soft = (_numbers(_jpeg(image), plain=True).sharpness for image in (seen, blurred))
    assert sharp and soft and soft < 0.6 * sharp


def test_hash_equals_imagehash(picture):
    seen = picture.resize((640, 480))
    expected = int(str(imagehash.dhash(seen)), 16)
    assert (_bits(_numbers(_jpeg(seen), plain=True)) ^ expected).bit_count() <= 3


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (320, 321), (321, 320), (9000, 30), (5000, 4000)])
def test_any_shape(size):
    image = Image.new("L", size, 102)
    for found in (_numbers(_jpeg(image), plain=True), _numbers(_png(np.asarray(image)))):
        assert (found.brightness, found.contrast, found.sharpness) == (0.4, 0.0, 0.0)


def test_table_side():
    for height, width in ((480, 640), (400, 600), (320, 320), (319, 100), (4000, 3000), (3000, 1)):
        small = pixels._at_table_side(np.zeros((height, width), np.uint8)).shape
        assert max(small) == min(pixels.TABLE_SIDE, max(height, width)) and min(small) >= 1
        assert small[0] / small[1] == pytest.approx(height / width, rel=0.01) or min(small) == 1


def test_reduction_equals_pillows():
    """Bit for bit for the transposed image: upright, Pillow rounds in the other order."""
    random = np.random.default_rng(0)
    for height, width in random.integers(200, 2 * pixels.TABLE_SIDE + 1, (200, 2)):
        grey = random.integers(0, 256, (height, width), np.uint8)
        small = pixels._at_table_side(grey)
        rows, columns = small.shape
        on_its_side = Image.fromarray(grey.T).resize((rows, columns), Image.Resampling.BOX)
        np.testing.assert_array_equal(small, np.asarray(on_its_side).T)
        upright = np.asarray(Image.fromarray(grey).resize((columns, rows), Image.Resampling.BOX))
        assert abs(small.astype(int) - upright).max() <= 1


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_truncated_jpeg(keep, picture):
    data = _jpeg(picture.resize((640, 480)))
    assert _fault(data[: int(keep * len(data))], plain=True).reason == "truncated"


@pytest.mark.parametrize("lost", [8, 12, 16, 20])
def test_png_without_its_end_is_stored_anew(lost):
    """Pillow reads it completely; TensorFlow does not decode it."""
    tf = pytest.importorskip("tensorflow")
    grey = np.random.default_rng(0).integers(0, 256, (48, 64))
    whole = _png(grey)
    found = _numbers(whole[:-lost])
    assert found.note == "repaired"
    np.testing.assert_array_equal(tf.io.decode_png(found.encoded)[..., 0], grey)
    assert _numbers(whole + b"more").encoded == whole + b"more"


@pytest.mark.parametrize(
    ("numbers", "expected", "note"),
    [
        (np.array([[0, 0.2, 1]], np.float32), [0, 51, 255], "re_encoded"),
        (np.array([[0, 0.5, 204]], np.float32), [0, 0, 204], "re_encoded"),
        (np.array([[0, 1, 204]], np.int32), [0, 1, 204], "re_encoded"),
        (np.array([[0, 1, 1]], np.int32), [0, 1, 1], "re_encoded"),
        (np.array([[0, 13107, 65535]], np.int32), [0, 51, 255], "re_encoded"),
        (np.array([[0, 13107, 65535]], np.uint16), [0, 51, 255], "re_encoded"),
        (np.array([[0, 256, 4095]], np.uint16), [0, 1, 15], "dark_16_bit"),
    ],
)
def test_more_than_8_bits_by_hand(numbers, expected, note):
    file = io.BytesIO()
    Image.fromarray(numbers).save(file, "TIFF")
    found = _numbers(file.getvalue())
    assert np.asarray(Image.open(io.BytesIO(found.encoded))).tolist() == [expected]
    assert found.note == note


@pytest.mark.parametrize("numbers", [[[-1.0, 0.5]], [[0.5, 1e6]], [[0.5, np.nan]]])
def test_refuses_numbers_of_unknown_scale(numbers):
    file = io.BytesIO()
    Image.fromarray(np.array(numbers, np.float32)).save(file, "TIFF")
    assert _fault(file.getvalue()).reason == "undecodable"


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("no frame"), NotImplementedError("a kind"), KeyError(3)])
def test_errors_of_pillow_mean_damage(error, monkeypatch):
    def broken(*_):
        raise error

    monkeypatch.setattr(Image, "open", broken)
    found = _fault(b"")
    assert found.reason == "undecodable" and found.value

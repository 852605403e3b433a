"""Files that are named as images and are none that is read: what they are, by their first bytes, and what to do with them."""

import re

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_HEIC = (
    "HEIC, the format of iPhones: convert it to JPEG (heif-convert IMG.HEIC IMG.jpg, or on a Mac: sips -s format jpeg IMG.HEIC "
    "--out IMG.jpg)"
)
_JPEG = "convert it to JPEG or PNG"
_SVG = (
    rb"\s{0,20}(?:<\?xml[^>]{0,200}>\s{0,20})?(?:<!--[^>]{0,500}-->\s{0,20})?(?:<!DOCTYPE svg[^>]{0,300}>\s{0,20})?<svg"
)
# Matches at the beginning of a file, and what the file is.
_KINDS = (
    (re.compile(rb"\s{0,20}<(?:!doctype html|html|head|body)", re.IGNORECASE), "a web page, no image: download the image again"),
    (re.compile(_SVG), f"SVG, a drawing: {_JPEG}"),
    (re.compile(rb"\s{0,20}<(?:\?xml|Error)"), "xml, no image (most often the error of a download): download the image again"),
    (re.compile(rb"version https://git-lfs"), "a pointer of Git LFS, not the file: run `git lfs pull` in its repository"),
    (re.compile(rb"\s{0,20}[{\[]\s{0,20}[\"{\[]"), "json, no image"),
    (re.compile(rb"PK\x03\x04"), "a zip archive, no image: unpack it"),
    (re.compile(rb"%PDF"), f"PDF: {_JPEG}"),
    (re.compile(rb"8BPS"), f"a Photoshop file: {_JPEG}"),
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "), f"JPEG XL: {_JPEG}"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), f"JPEG 2000: {_JPEG}"),
    (re.compile(rb".{4}ftyp(?:qt  |mp4|isom|M4V|avc1)", re.DOTALL), "a video, no image: take its frames as images"),
    (re.compile(rb".{4}ftypcrx|IIU\0|FUJIFILMCCD-RAW", re.DOTALL), f"a camera's raw file: {_JPEG}"),
    (re.compile(rb".{128}DICM", re.DOTALL), f"DICOM, a medical image: {_JPEG}"),
    (re.compile(rb"\x93NUMPY"), f"an array of NumPy: {_JPEG}"),
)  # fmt: skip


def describe(beginning: bytes) -> str:
    """What a file is that no reader of images knows, and what to do; empty if its beginning shows nothing.

    beginning: the first bytes of the file, 512 or more.
    """
    if beginning[4:8] == b"ftyp" and beginning[8:12] in _HEIC_BRANDS:
        return _HEIC
    return next((what for mark, what in _KINDS if mark.match(beginning)), "")


def texts() -> frozenset[str]:
    """Everything that `describe` can say."""
    return frozenset((_HEIC, *(what for _, what in _KINDS)))

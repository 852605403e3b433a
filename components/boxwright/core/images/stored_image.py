"""Checks an image in a record before TensorFlow decodes it. TensorFlow has no limit of its own but 2^29 values."""

from boxwright.core.images import jpeg_markers, opening

_PNG, _PNG_FIRST = b"\x89PNG\r\n\x1a\n", b"IHDR"
# First bytes of formats that TensorFlow also decodes. convert does not write them.
_OTHERS = {b"GIF8": "GIF", b"BM": "BMP", b"RIFF": "WebP", b"\xff\x0a": "JPEG XL", b"\0\0\0\x0cJXL ": "JPEG XL"}


def check(encoded: bytes, height: int, width: int) -> None:
    """encoded: of a record. height, width: as the record says, in pixels.

    Raises ValueError for an image of another size, of a format that convert does not store, or that takes too much to decode. An
    image without a sound header passes: decoders refuse it.
    """
    opening.check_size(width, height)
    if other := next((name for start, name in _OTHERS.items() if encoded.startswith(start)), None):
        raise ValueError(f"the image is a {other}, expected JPEG or PNG")
    frame = jpeg_markers.read_frame(encoded)
    size = (frame.width, frame.height) if frame else _size_of_png(encoded)
    if size and size != (width, height):
        raise ValueError(f"the image has {size[0]} x {size[1]} pixels, the record says {width} x {height}")
    if excess := jpeg_markers.excess(encoded, frame):
        raise ValueError(f"the image has {excess}")


def _size_of_png(encoded: bytes) -> tuple[int, int] | None:
    """(width, height), which are at the same place in every PNG."""
    if not encoded.startswith(_PNG) or encoded[12:16] != _PNG_FIRST:
        return None
    return int.from_bytes(encoded[16:20], "big"), int.from_bytes(encoded[20:24], "big")

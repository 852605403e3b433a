"""Size and orientation of an image file, without decoding it."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from boxwright.convert.source import Fault

ORIENTATION = 0x0112  # EXIF tag
# Pillow calls a JPEG with previews behind it, as cameras write it, MPO.
JPEG = ("JPEG", "MPO")
# A photo larger than Pillow's limit is no attack here: the user named the folder.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Header:
    """width, height: of the pixels as stored; orientation: EXIF's 1..8, 1 where there is none; plain: a JPEG in
    RGB or gray."""

    width: int
    height: int
    orientation: int
    plain: bool


def read_header(file: Path) -> Header | Fault:
    try:
        with Image.open(file) as image:
            # Asking a PNG that has none would decode all of it.
            has_exif = "exif" in image.info or image.format == "TIFF"
            orientation = image.getexif().get(ORIENTATION, 1) if has_exif else 1
            plain = image.format in JPEG and image.mode in ("RGB", "L")
            return Header(*image.size, orientation if orientation in range(1, 9) else 1, plain)
    except FileNotFoundError:
        return Fault("missing", "no such file")
    except UnidentifiedImageError:
        return Fault("undecodable", "empty file" if not file.stat().st_size else "not an image that Pillow knows")
    except (OSError, SyntaxError, ValueError) as error:
        return fault_of(error)


def fault_of(error: Exception) -> Fault:
    """What Pillow's complaint about a damaged file means."""
    return Fault("truncated" if "truncated" in str(error).lower() else "undecodable", str(error))

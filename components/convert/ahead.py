"""What the processes do while this one reads annotations: headers of all pictures that are there, then looks at them."""

from collections.abc import Iterable
from pathlib import Path

from boxwright.convert import pixels
from boxwright.convert.headers import Header, read_header
from boxwright.convert.pixels import Pixels, Stored
from boxwright.convert.source import Fault
from boxwright.convert.workers import Begun

# Files that a process takes at a time.
HEADERS, LOOKS = 500, 50


class Ahead:
    def __init__(self, pictures: Iterable[Path], how: Pixels):
        files = list(map(str, pictures))
        self._headers = Begun(read_header, files, HEADERS)
        self._looks = Begun(pixels.glance, files if how == "decode" else [], LOOKS)

    def headers(self) -> dict[str, Header | Fault]:
        return self._headers.done(wait=True)

    def looks(self) -> dict[str, Stored | Fault]:
        """Of the pictures that were come to; no more are looked at."""
        return {file: seen for file, seen in self._looks.done(wait=False).items() if seen}

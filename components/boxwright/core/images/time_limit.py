"""Stops the work on a picture that takes too long.

Pillow reads headers and some pixels in Python, byte by byte (PPM of few bits, BMP in runs, blocks of a GIF). A file of some
megabytes, or one that is mostly a hole, can take hours.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

# Seconds of processor time to open a picture, and again to decode it. The largest that are read, 178 million pixels, take five to
# 20 on a fast processor. The limit must not depend on the processor for any honest picture.
MOST_SECONDS = 120.0


class TooSlow(ValueError):
    """The limit that was reached."""


@contextmanager
def limited() -> Iterator[None]:
    """Raises TooSlow if the block takes too long. It takes 3 microseconds.

    Python runs signal handlers in the main thread only: in other threads, such as those of Beam, there is no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _stop(*_: object) -> NoReturn:
    raise TooSlow(f"takes more than {MOST_SECONDS:g} seconds to decode")

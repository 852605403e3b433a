"""Shows how far a command is: in a notebook as a bar, on a terminal as one line, in a log as a line for each step."""

import html
import re
import shutil
import sys
import time
from typing import Any

from boxwright.core.runtime.printable import visible_line

# What the command line prints: the start and the end of a step, and how far a training is.
_STARTED, _ENDED = re.compile(r"▶ (.+)"), re.compile(r"✔ (.+?) +(?:[\d.]+ s|kept from an earlier run)$")
_PART = re.compile(r"step (\d+)/(\d+)")
# Seconds between two changes of the display, and characters of a note.
_OFTEN, _LONGEST = 0.2, 120


class Progress:
    """title: what runs. total: number of its steps."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total = title, total
        self.done, self.part = 0, 0.0
        self.step = self.note = ""
        self.started, self.shown = time.monotonic(), 0.0
        self.handle = _handle()
        self.show(force=True)

    def line(self, text: str) -> None:
        """Takes a line that the command printed."""
        text = text.strip()
        if found := _STARTED.match(text):
            self.begin(found[1].strip())
        elif _ENDED.match(text):
            self.finish()
        elif text:
            part = _PART.match(text)
            self.part = min(int(part[1]) / max(int(part[2]), 1), 1.0) if part else self.part
            self.note = visible_line(text)[:_LONGEST]
            self.show()

    def begin(self, step: str) -> None:
        self.step, self.note, self.part = step, "", 0.0
        self.show(force=True)

    def finish(self) -> None:
        self.done, self.step, self.note, self.part = self.done + 1, "", "", 0.0
        self.show()

    def end(self, how: str) -> None:
        """how: such as `done` or `stopped`."""
        self.step = self.note = ""
        self.done, self.part = (self.total, 0.0) if how == "done" else (self.done, self.part)
        self.show(force=True, last=f"{how} in {time.monotonic() - self.started:.0f} s")

    def show(self, *, force: bool = False, last: str = "") -> None:
        now = time.monotonic()
        if not force and now - self.shown < _OFTEN:
            return
        self.shown = now
        content = self.content(last)
        if self.handle:
            self.handle.update(content)
        elif sys.stderr and sys.stderr.isatty():
            width = shutil.get_terminal_size().columns - 1  # a longer line could not be replaced
            print(f"\r\x1b[K{content!r:.{width}}", end="\n" if last else "", file=sys.stderr, flush=True)
        elif force:
            print(content, file=sys.stderr, flush=True)

    def content(self, last: str = "") -> "_Shown":
        told = last or " · ".join(word for word in (f"{self.done} of {self.total}", self.step, self.note) if word)
        return _Shown(self.title, told, self.done + self.part, self.total)


class _Shown:
    """A bar for a notebook, and a line for what shows no HTML."""

    def __init__(self, title: str, told: str, done: float, total: int) -> None:
        self.title, self.told, self.done, self.total = title, told, done, total

    def __repr__(self) -> str:
        return f"{self.title}: {self.told}"

    def _repr_html_(self) -> str:
        bar = f'<progress value="{self.done:.3f}" max="{self.total}" style="width: 16em"></progress>'
        return f"<div><b>{html.escape(self.title)}</b> {bar} {html.escape(self.told)}</div>"


def _handle() -> Any:
    """IPython's handle of a new display, if this is a notebook; else None. IPython is never imported if it is not yet."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    return sys.modules["IPython"].display.display(_Shown("", "", 0, 1), display_id=True)

"""Terminal output: text of strangers is printed literally and does nothing, and messages of libraries are hidden."""

import io
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from boxwright.core.runtime import printable
from boxwright.core.runtime.secrets import without_secrets

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

C = TypeVar("C")


class InertStream(io.TextIOWrapper):
    """A standard stream on which control characters become codes. `console` writes its colours to the stream below.

    colours: whether the colours in the text stay; only while a library prints its own words.
    """

    colours = False

    def __init__(self, below: io.TextIOWrapper) -> None:
        super().__init__(
            below.buffer,
            below.encoding,
            "backslashreplace",
            line_buffering=below.line_buffering,
            write_through=True,
        )
        self.below = below

    def write(self, text: str) -> int:
        super().write(printable.visible_with_colours(text) if self.colours else printable.visible(text))
        return len(text)


def protect_terminal() -> None:
    """Makes printing safe for this process: see InertStream.

    A character that the terminal's encoding lacks is printed as its code, so that a class `猫` does not crash a command. A closed
    standard stream is replaced, so that no file opened later gets its descriptor. A log that cannot be written is no error.
    """
    logging.raiseExceptions = False
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (as long as the process lives)
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper) and not isinstance(stream, InertStream):
            stream.reconfigure(errors="backslashreplace", write_through=True)
            setattr(sys, name, InertStream(stream))


def console(*, markup: bool = False) -> "Console":
    """A console that prints names literally: `bolt [m8]` keeps its brackets, `:cat:` does not become an emoji, and control
    characters become codes.

    markup: whether `[bold]` in a text is markup. A stranger's text in it needs rich's `escape`.
    """
    file = sys.stdout.below if isinstance(sys.stdout, InertStream) else None
    return _console_class()(file=file, markup=markup, emoji=False, highlight=False)


@cache
def _console_class() -> "type[Console]":
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

    class InertConsole(Console):
        def render_str(self, text: str, **given: Any) -> Text:  # pyright: ignore[reportIncompatibleMethodOverride]  (same flags)
            return super().render_str(printable.visible(text), **given)

        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
            """Also the text of a Text, and without hyperlinks. Segments with `control` are rich's own moves of the cursor."""
            for text, style, control in super().render(renderable, options):
                plain = style.update_link(None) if style and style.link else style
                yield Segment(text if control else printable.visible(text), plain, control)

    return InertConsole


def parse(config: type[C], argv: Sequence[str], prog: str, description: str | None = None) -> C:
    """Parses a command line with tyro, whose help and errors have colours. Exits as tyro does."""
    import tyro

    with _colours():
        return tyro.cli(config, args=list(argv), prog=prog, description=description)


@contextmanager
def _colours() -> Iterator[None]:
    streams = [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, InertStream)]
    for stream in streams:
        stream.colours = True
    try:
        yield
    finally:
        for stream in streams:
            stream.colours = False


def traceback_without_secrets(kind: type[BaseException], error: BaseException, trace: "TracebackType | None") -> None:
    """For `sys.excepthook`: messages of libraries repeat the address that they asked, with its password."""
    print(without_secrets("".join(traceback.format_exception(kind, error, trace))), end="", file=sys.stderr)


def silence_libraries() -> None:
    """Hides messages of TensorFlow, Beam and Google's clients that are not about the user's data. Call it before their import.

    matplotlib draws into files: a notebook names a backend that only its own Python has.
    """
    os.environ["MPLBACKEND"] = "agg"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=FutureWarning, module="google")
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("apache_beam.runners.common").setLevel(logging.CRITICAL)  # it logs errors that it also raises

"""Lets a step read from buckets and write to them: wherever it takes a path, it also takes gs://BUCKET/FOLDER."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from boxwright.core.runtime import work_dirs
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Fetched, Input, Output, flags
from boxwright.core.runtime.step_io import Result
from boxwright.core.storage import buckets, cache, download, uri

_SCHEME = "gs:"  # Path turns gs://BUCKET into gs:/BUCKET, and gs:// into gs:


def run(step: Callable[[Any], Result], config: Any) -> Result:
    """Runs a step on local copies of its inputs in buckets, then publishes its outputs for buckets.

    The Config's flags say which ones are inputs and outputs. Each output is published whole or not at all, and only after the
    step has ended well. Until then it lies below `BOXWRIGHT_CACHE`, in a folder that belongs to its URI: when a process is
    killed, the same command resumes there.

    Raises UserError for a place that is not known, an input that cannot be read and an output that cannot be published.
    """
    _require_known_places(config)
    known = flags(type(config))
    remote = {flag.name: uri_of(getattr(config, flag.name)) for flag in known if flag.mark(Input) or flag.mark(Output)}
    remote = {name: place for name, place in remote.items() if place}
    if not remote:
        return step(config)
    outputs = {flag.name: Path(flag.default.name) for flag in known if flag.mark(Output) and flag.name in remote}
    inputs = [name for name in remote if name not in outputs]
    _refuse_same_place([remote[name] for name in outputs], [remote[name] for name in inputs])
    for name in outputs:  # before the work, not after it
        buckets.require(remote[name])
    found = {name: buckets.find(remote[name], alone=True) for name in inputs}
    with _work_paths({remote[name]: path for name, path in outputs.items()}) as work:
        written = {name: work[remote[name]] for name in outputs}
        copied = {name: _typed_like(config, name, download.copy(one, cache.cache())) for name, one in found.items()}
        result = step(replace(config, **written, **copied))
        for name, path in written.items():
            cache.publish(path, remote[name])
    return replace(
        result, headline=_renamed(result.headline, {str(path): remote[name] for name, path in written.items()})
    )


def uri_of(path: Path | str) -> str:
    """gs://..., or an empty text for a local path."""
    scheme, _, rest = str(path).partition("/")
    return f"gs://{rest.removeprefix('/')}" if scheme == _SCHEME else ""


def _require_known_places(config: Any) -> None:
    for flag in flags(type(config)):
        fetched = flag.mark(Fetched)
        if fetched or flag.mark(Input) or flag.mark(Output):
            uri.require_known(flag.option, getattr(config, flag.name), fetched.schemes if fetched else uri.BUCKETS)


@contextmanager
def _work_paths(names: Mapping[str, Path]) -> Iterator[dict[str, Path]]:
    """Yields by URI the path at which the output is written before it is published.

    An output that an earlier process left there is removed. What lies beside it stays: the step may resume from it.
    """
    with ExitStack() as held:
        paths = {}
        for place, name in names.items():
            folder = held.enter_context(work_dirs.resumable(place, cache.cache() / "outputs"))
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            paths[place] = path
        yield paths


def _typed_like(config: Any, name: str, copy: Path) -> Path | str:
    """The path in the type of the field: Path or text."""
    return copy if isinstance(getattr(config, name), Path) else str(copy)


def _refuse_same_place(outputs: list[str], inputs: list[str]) -> None:
    if twice := next((place for place in outputs if outputs.count(place) > 1), None):
        raise UserError(f"{twice} is given for two outputs of one step; choose a place for each")
    if both := next((place for place in outputs if place in inputs), None):
        raise UserError(f"{both} is given for an input and an output of one step; choose another place for the output")


def _renamed(text: str, places: Mapping[str, str]) -> str:
    for path, place in places.items():
        text = text.replace(path, place)
    return text

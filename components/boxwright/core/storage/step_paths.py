"""Lets a step read from and write to buckets: wherever it takes a path, it also takes gs://BUCKET/FOLDER and s3://BUCKET/FOLDER."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.flags import Fetched, Flag, Input, Output, flags
from boxwright.core.runtime.step_io import Result
from boxwright.core.storage import cache, download, finished_steps, lookup, upload, uri, work_dirs


def run(step: Callable[[Any], Result], config: Any) -> Result:
    """Runs a step on local copies of its inputs in buckets, then publishes its outputs to buckets.

    The Config's annotations mark inputs and outputs. Each output is published completely or not at all, and only after the step
    has succeeded. Until then it is below `BOXWRIGHT_CACHE`, in a folder that belongs to its URI. If a process is killed, the
    same command resumes there. If publishing fails, the same command publishes without running the step again.

    Raises UserError for an unsupported URI, an input that cannot be read and an output that cannot be published.
    """
    _require_known_places(config)
    _refuse_to_overwrite_inputs(config)
    paths = [flag for flag in flags(type(config)) if flag.mark(Input) or flag.mark(Output)]
    remote = {flag.name: place for flag in paths if (place := uri.from_path(getattr(config, flag.name)))}
    if not remote:
        return step(config)
    outputs = {remote[flag.name]: flag for flag in paths if flag.mark(Output) and flag.name in remote}
    inputs = {flag.name: remote[flag.name] for flag in paths if not flag.mark(Output) and flag.name in remote}
    _refuse_same_place(list(remote.values()), list(inputs.values()))
    for place in outputs:  # before the work, not after it
        upload.require_free(place)
    found = {name: lookup.find(place, alone=True) for name, place in inputs.items()}
    with _work_paths({place: Path(flag.default.name) for place, flag in outputs.items()}) as written:
        local_outputs = [flag for flag in paths if flag.mark(Output) and flag.name not in remote]
        request = "" if local_outputs else finished_steps.request(config)
        result = finished_steps.recall(request, list(written.values()))
        if result is None:
            _remove(written.values())
            changed: dict[str, Any] = {outputs[place].name: path for place, path in written.items()}
            for name, one in found.items():
                changed[name] = _typed_like(config, name, download.copy(one, cache.root()))
            result = step(replace(config, **changed))
            finished_steps.remember(request, result, written.values())
        for place, path in written.items():
            upload.publish(path, place)
    return replace(result, headline=_with_uris(result.headline, written))


def _require_known_places(config: Any) -> None:
    for flag in flags(type(config)):
        fetched = flag.mark(Fetched)
        if fetched or flag.mark(Input) or flag.mark(Output):
            uri.require_known(flag.option, getattr(config, flag.name), fetched.schemes if fetched else uri.BUCKETS)


def _refuse_to_overwrite_inputs(config: Any) -> None:
    """Raises UserError if a local output has the place of an input or of another output, or contains an input."""
    outputs: dict[Path, str] = {}
    for flag in flags(type(config)):
        for place in _local_places(config, flag) if flag.mark(Output) else ():
            if place in outputs:
                raise UserError(
                    f"{place} is given for {outputs[place]} and {flag.option}; choose a different place for each"
                )
            outputs[place] = flag.option
    for flag in flags(type(config)):
        for place in _local_places(config, flag) if flag.mark(Input) or flag.name == "data" else ():
            if taken := next((output for output in (place, *place.parents) if output in outputs), None):
                raise UserError(
                    f"{outputs[taken]} {taken} would replace {flag.option} {place}, which this step reads; choose another place "
                    "for the output"
                )


def _local_places(config: Any, flag: Flag) -> list[Path]:
    value = str(getattr(config, flag.name))
    places = uri.data_sets(value) if flag.name == "data" else [value]
    return [Path(place).resolve() for place in places if place and uri.is_local(place)]


@contextmanager
def _work_paths(names: Mapping[str, Path]) -> Iterator[dict[str, Path]]:
    """Yields, for each URI, the path where the output is written before it is published."""
    with ExitStack() as held:
        root = cache.root() / "outputs"
        yield {place: held.enter_context(work_dirs.resumable(place, root)) / name for place, name in names.items()}


def _remove(outputs: Iterable[Path]) -> None:
    """Removes outputs that an earlier process left. Files beside them are kept, because the step may resume from them."""
    for path in outputs:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _typed_like(config: Any, name: str, copy: Path) -> Path | str:
    """The path in the type of the field: Path or text."""
    return copy if isinstance(getattr(config, name), Path) else str(copy)


def _refuse_same_place(places: list[str], inputs: list[str]) -> None:
    """Raises UserError if an output has the same URI as an input or another output. Two inputs may share one."""
    twice = next(
        (place for place in places if places.count(place) > 1 and inputs.count(place) < places.count(place)), None
    )
    if twice in inputs:
        raise UserError(f"{twice} is given for an input and an output of one step; choose another URI for the output")
    if twice:
        raise UserError(f"{twice} is given for two outputs of one step; choose a different URI for each")


def _with_uris(text: str, written: Mapping[str, Path]) -> str:
    """The text with the URI of each output in place of its local path."""
    for place, path in written.items():
        text = text.replace(str(path), place)
    return text

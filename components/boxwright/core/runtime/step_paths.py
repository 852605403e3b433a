"""Buckets in place of folders: where a step takes a path it also takes gs://BUCKET/FOLDER."""

import tempfile
from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Annotated, Any

from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result
from boxwright.core.storage import uri

# Of a Config: an input that may be left out; and one that the step fetches by itself, from the web, too.
OptionalPath = Annotated[str, "a path; empty for none"]
Fetched = Annotated[str, "a path or a URI; empty for none"]
_SCHEME = "gs:"  # Path leaves gs:/BUCKET of gs://BUCKET, and this of gs://


def run(step: Callable[[Any], Result], config: Any) -> Result:
    """Runs a step on copies of what lies in buckets, and publishes there what it wrote, each output whole or not at all, when it
    has ended well.

    A Path without a default and an OptionalPath are inputs, a Path with a default is an output. Raises UserError for what cannot
    be had or published.
    """
    for field in fields(config):
        if field.type in (Path, OptionalPath, Fetched):
            known = uri.WEB if field.type is Fetched else uri.BUCKETS
            uri.require_known(f"--{field.name.replace('_', '-')}", getattr(config, field.name), known)
    given = {f.name: uri_of(getattr(config, f.name)) for f in fields(config) if f.type in (Path, OptionalPath)}
    far = {name: uri for name, uri in given.items() if uri}
    if not far:
        return step(config)
    from boxwright.core.storage import buckets, cache, download

    outputs = [f for f in fields(config) if f.type is Path and f.default is not MISSING]
    defaults = {f.name: f.default for f in outputs if f.name in far}
    _refuse_twice([far[name] for name in defaults], [far[name] for name in far if name not in defaults])
    for name in defaults:  # before the work, not after it
        buckets.require(far[name])
    with tempfile.TemporaryDirectory() as aside:
        written = {name: Path(aside) / name / default.name for name, default in defaults.items()}
        for path in written.values():
            path.parent.mkdir()
        found = {name: buckets.find(far[name], alone=True) for name in far if name not in written}
        copied = {name: _as_given(config, name, download.copy(one, cache.cache())) for name, one in found.items()}
        result = step(replace(config, **written, **copied))
        for name, path in written.items():
            cache.publish(path, far[name])
    return replace(result, headline=_renamed(result.headline, {str(path): far[name] for name, path in written.items()}))


def uri_of(path: Path | str) -> str:
    """gs://..., empty for a path of this machine."""
    scheme, _, rest = str(path).partition("/")
    return f"gs://{rest.removeprefix('/')}" if scheme == _SCHEME else ""


def _as_given(config: Any, name: str, copy: Path) -> Path | str:
    return copy if isinstance(getattr(config, name), Path) else str(copy)


def _refuse_twice(outputs: list[str], inputs: list[str]) -> None:
    if twice := next((uri for uri in outputs if outputs.count(uri) > 1), None):
        raise UserError(f"{twice} is given for two outputs of one step; choose a place for each")
    if both := next((uri for uri in outputs if uri in inputs), None):
        raise UserError(f"{both} is given for an input and an output of one step; choose another place for the output")


def _renamed(text: str, uris: dict[str, str]) -> str:
    for path, place in uris.items():
        text = text.replace(path, place)
    return text

"""A Python that has one package with its requirements, and nothing else of this environment."""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.util import cache_from_source
from pathlib import Path

ROOT = Path(__file__).parents[2]


def distributions(name: str, seen: set[str] | None = None) -> Iterator[metadata.Distribution]:
    """The distribution and its requirements, without those of extras, as far as they are installed."""
    seen = set() if seen is None else seen
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    seen.add(key)
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:  # for another Python or platform
        return
    yield found
    for requirement in found.requires or []:
        if "extra ==" not in requirement:
            yield from distributions(re.split(r"[^\w.-]", requirement)[0], seen)


def site(folder: Path, *packages: str) -> Path:
    """A new folder with links to the files of the packages, for PYTHONPATH."""
    for package in packages:
        for found in distributions(package):
            files = [Path(file) for file in found.files or [] if ".." not in file.parts]
            compiled = [Path(cache_from_source(str(file))) for file in files if file.suffix == ".py"]
            for file in (*files, *compiled):
                _link(folder / file, Path(str(found.locate_file(file))))
    return folder


def _link(link: Path, file: Path) -> None:
    if file.exists() and not link.exists():
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file.absolute())


def run(code: str, *folders: Path) -> subprocess.CompletedProcess[str]:
    """Runs code in this Python with the standard library and the folders only."""
    start = f"import sys; sys.path[:0] = {[str(folder) for folder in folders]!r}\n"
    command = [sys.executable, "-I", "-S", "-c", start + code]
    return subprocess.run(command, capture_output=True, text=True, cwd=folders[0])

"""What `boxwright doctor` says of this machine: the package, its environments, uv, and where packages come from. Any Python runs
this."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from boxwright import __version__
from boxwright.command_line import parsers
from boxwright.core.runtime import environments as hosts
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.secrets import without_secrets
from boxwright.environments import places, uv

WAY = "this machine: boxwright run"
LEAST_GIB = 6
# The settings of uv and of all programs that name a server for packages, or how to reach it.
NETWORK = (
    *("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_OFFLINE"),
    *("UV_PYTHON_INSTALL_MIRROR", "UV_PYTHON_DOWNLOADS", "UV_CONFIG_FILE", "UV_CACHE_DIR"),
    *("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "SSL_CERT_FILE"),
)


@dataclass(frozen=True)
class Check:
    """way: the way of running. text: what was found, or what is missing and what to do."""

    way: str
    ok: bool
    text: str


def main(argv: list[str]) -> None:
    """`boxwright doctor` where the authoring environment is not made yet. Exits with code 1 if something is missing."""
    if {"-h", "--help"} & set(argv):
        print(parsers.help_of("doctor"))
        return
    found = list(checks())
    print(WAY, *(f"  {'✔' if check.ok else '✘'} {check.text}" for check in found), sep="\n")
    print("Docker and the cluster are looked at from the environment authoring, when it is there")
    sys.exit(0 if all(check.ok for check in found) else 1)


def checks() -> Iterator[Check]:
    yield Check(WAY, True, package())
    yield from environments()
    yield program()
    yield from (Check(WAY, True, line) for line in network())
    yield space(WAY, places.folder("data").parent, LEAST_GIB)


def package() -> str:
    """Which Boxwright this is, and in which Python."""
    top = hosts.checkout()
    kind = f"the checkout {top}" if top else f"the package in {hosts.package_folder().parent}"
    return f"Boxwright {__version__}, {kind}, started by Python {sys.version.split()[0]}"


def environments() -> Iterator[Check]:
    """Each environment; of an installed package also those that it no longer uses."""
    for name in places.NAMES:
        yield environment(name)
    if hosts.checkout():
        return
    used = {places.environment(name).name for name in places.NAMES}
    old = [place for place in (places.home() / "environments").glob("[!.]*") if place.name not in used]
    if old:
        names = ", ".join(sorted(place.name for place in old))
        yield Check(
            WAY, True, f"of other versions: {names} ({sum(map(size, old)):.1f} GB); `boxwright env prune` removes them"
        )


def environment(name: places.Name) -> Check:
    checkout = hosts.checkout()
    place = places.folder(name) if checkout else places.environment(name)
    if places.installed(name):
        return Check(WAY, True, f"environment {name}: {place} ({size(place):.1f} GB)")
    if checkout:
        return Check(WAY, False, f"no environment {name}: run `make install`")
    return Check(WAY, True, f"environment {name} is not made yet: the first command that needs it makes {place}")


def size(folder: Path) -> float:
    """The space of a folder on the disk, in GB. A file counts once, however many names it has."""
    found = (os.lstat(Path(parent, name)) for parent, _, files in os.walk(folder) for name in files)
    return sum({one.st_ino: one.st_blocks * 512 for one in found}.values()) / 1e9


def program() -> Check:
    try:
        path = uv.program()
        said = subprocess.run([path, "--version"], capture_output=True, text=True, cwd="/", timeout=60).stdout
    except (UserError, OSError, subprocess.TimeoutExpired) as error:
        return Check(WAY, False, f"no uv, which makes the environments: {error}")
    return Check(WAY, bool(said), f"{' '.join(said.split()[:2]) or 'uv does not start'}, {path}")


def network() -> list[str]:
    """The variables that say where packages come from, and how to get there. Passwords are left out."""
    given = [f"{name}={without_secrets(os.environ[name])}" for name in NETWORK if os.environ.get(name)]
    return given or ["packages come from uv's default index, without a proxy"]


def space(way: str, folder: Path, least: int) -> Check:
    """The free space on the disk of a folder, which may not exist yet. least: required GiB."""
    there = next(place for place in (folder, *folder.parents) if place.is_dir())
    free = shutil.disk_usage(there).free / 2**30
    return Check(
        way, free >= least, f"{free:.0f} GiB free in {there}" + ("" if free >= least else f": {least} are needed")
    )

"""Lists, makes and removes the environments, which commands otherwise make on first use.

`boxwright env` lists them, with the folders of earlier versions. `boxwright env make` makes them, `boxwright env remove` removes
them, `boxwright env prune` removes what this version does not use. `boxwright env make data` makes the environment `data` only.

For a machine without a network: `boxwright env --wheelhouse DIR` collects all packages on a machine with the same kind of Linux,
`boxwright env --offline DIR` makes the environments from them. Mirrors and proxies are uv's settings, such as UV_DEFAULT_INDEX.
"""

import shutil
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from pathlib import Path

from boxwright.core.runtime import environments
from boxwright.core.runtime.errors import UserError
from boxwright.environments import making, places, wheelhouse
from boxwright.environments.places import NAMES

ACTIONS = ("list", "make", "remove", "prune")


def parser() -> ArgumentParser:
    made = ArgumentParser("boxwright env", description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    made.add_argument("action", nargs="?", choices=ACTIONS, help="list (the default), make, remove or prune")
    made.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; default: all")
    made.add_argument("--wheelhouse", type=Path, metavar="DIR", help="collect all packages in this folder")
    made.add_argument("--offline", type=Path, metavar="DIR", help="make them from the packages in this folder")
    return made


def main(argv: list[str]) -> None:
    """Raises UserError for a wrong flag, in a checkout for all but the list, and if something cannot be made."""
    given = parser().parse_args(argv)
    names: list[places.Name] = [name for name in NAMES if name in given.names] or list(NAMES)
    if wrong := [name for name in given.names if name not in NAMES]:
        raise UserError(f"there is no environment {wrong[0]}; the environments are {', '.join(NAMES)}")
    action = given.action or ("make" if given.offline else "list")
    if given.wheelhouse:
        if given.offline or given.action:
            raise UserError("--wheelhouse only collects packages; leave out the other words")
        wheelhouse.collect(given.wheelhouse.absolute(), names)
        return print(f"{given.wheelhouse} has all packages; take it along, and run `boxwright env --offline DIR` there")
    if given.offline and (action != "make" or not given.offline.is_dir()):
        raise UserError(f"--offline is for `make`, with a folder of `--wheelhouse`; got {action} and {given.offline}")
    if action != "list" and environments.checkout():
        raise UserError("a checkout has environments of its own; `make install` makes them")
    if action == "make":
        making.make([name for name in names if not places.installed(name)], given.offline and given.offline.absolute())
    elif action != "list":
        remove(used(names) if action == "remove" else unused())
    for line in listed():
        print(line)


def listed() -> Iterator[str]:
    """A line for each environment, and for each folder that this version does not use."""
    for name in NAMES:
        place = environments.in_checkout(name) or places.environment(name)
        state = f"{megabytes(place):,} MB" if places.installed(name) else "not made yet"
        yield f"{name:<10} {state:<13} {place}"
    for place in () if environments.checkout() else unused():
        yield f"{'unused':<10} {f'{megabytes(place):,} MB':<13} {place}"


def used(names: list[places.Name]) -> list[Path]:
    """The folders of environments of this version: the libraries, and our code on them."""
    return [place for name in names for place in (places.folder(name), places.environment(name)) if place.exists()]


def unused() -> list[Path]:
    """The folders that this version did not make: of other versions, and what killed processes left."""
    kept = {place for name in NAMES for place in (places.environment(name), places.folder(name))}
    home = places.home()
    found = [*home.glob("environments/*"), *home.glob("environments/.*.partial-*"), *home.glob("code/*/*")]
    return sorted(place for place in {*found, *home.glob("code/*/.*.partial-*")} - kept if place.is_dir())


def remove(folders: list[Path]) -> None:
    """Removes folders, unless a process is making them. Raises UserError for one that cannot be removed."""
    for place in folders:
        name = place.name.lstrip(".").partition(".")[0]
        with making.lock(place.with_name(f".{name}.lock")):
            size = megabytes(place)
            aside = place if ".partial-" in place.name else place.rename(place.with_name(f".{name}.partial-removed"))
            shutil.rmtree(aside, ignore_errors=True)
        if aside.exists():
            raise UserError(f"{aside} cannot be removed completely; check its rights")
        print(f"removed {place}: {size:,} MB")


def megabytes(folder: Path) -> int:
    """What the files take on the disk. uv's cache may share them."""
    files = {(found.st_dev, found.st_ino): found.st_blocks for found in map(Path.lstat, folder.rglob("*"))}
    return sum(files.values()) * 512 // 1_000_000

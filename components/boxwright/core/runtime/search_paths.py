"""Keeps the current folder off the paths where modules, libraries and programs are searched. It may hold a stranger's files.

The script `boxwright` (components/bin) does the same before Python starts. This is for its child processes, and for steps that
other Python programs call.
"""

import contextlib
import os

# Of Python modules, of shared libraries, of programs.
VARIABLES = ("PYTHONPATH", "LD_LIBRARY_PATH", "PATH")


def absolute(search_path: str) -> str:
    """The search path without its empty and relative elements. These mean the current folder, or a folder below it."""
    return os.pathsep.join(element for element in search_path.split(os.pathsep) if os.path.isabs(element))


def protect() -> None:
    """Sets the environment variables for the processes that this process will start."""
    os.environ["PYTHONSAFEPATH"] = "1"  # otherwise `python -c` and `python -m` search the current folder first
    for name in VARIABLES:
        if name in os.environ:
            os.environ[name] = absolute(os.environ[name])


def import_matplotlib() -> None:
    """Imports matplotlib, if it would read the file `matplotlibrc` of the current folder, from another folder.

    The settings in that file can make it start LaTeX, which can read other files into a figure.
    """
    if os.path.lexists("matplotlibrc"):
        with contextlib.chdir("/"), contextlib.suppress(ImportError):
            import matplotlib  # noqa: F401

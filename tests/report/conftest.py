"""The miniature run of `small_run`."""

from small_run import finished_run, run_folder

__all__ = ["finished_run", "run_folder"]

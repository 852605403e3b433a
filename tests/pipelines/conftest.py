"""Pipelines need kfp, which only the authoring environment has."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("kfp") else ["*"]

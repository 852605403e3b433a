"""Silences the libraries, so that the user sees only lines that are meant for users."""

import logging
import os
import warnings


def hush() -> None:
    """Call it before TensorFlow, Beam or Google's clients are imported: they print a screenful, none of it about the data."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=FutureWarning, module="google")
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("apache_beam.runners.common").setLevel(logging.CRITICAL)  # it raises what it logs

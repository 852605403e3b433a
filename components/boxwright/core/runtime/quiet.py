"""Keeps libraries from talking between the lines that are meant for the user."""

import logging
import os
import warnings


def hush() -> None:
    """TensorFlow, Beam and Google's clients say a screenful while they are imported, none of it about the user's data."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.filterwarnings("ignore", category=FutureWarning, module="google")
    logging.getLogger().setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    logging.getLogger("apache_beam.runners.common").setLevel(logging.CRITICAL)  # what it would say is raised, too

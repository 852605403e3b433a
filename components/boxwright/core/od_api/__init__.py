"""Everything that touches the TF Object Detection API, and the TensorFlow that it runs on.

Importing this package makes the API importable on a current TensorFlow (see tensorflow_compat). Other rooms take
TensorFlow from here, `from boxwright.core.od_api import tf`, so that it is never imported without these settings.
"""

from boxwright.core.od_api.tensorflow_compat import tf

__all__ = ["tf"]

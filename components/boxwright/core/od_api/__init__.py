"""All code that uses the TF Object Detection API.

Importing this package makes the API importable on a current TensorFlow (see tensorflow_compat). Other packages import
TensorFlow with `from boxwright.core.od_api import tf`, so that the settings of tensorflow_compat always apply.
"""

from boxwright.core.od_api.tensorflow_compat import tf

__all__ = ["tf"]

"""The environments of the host: `authoring` runs the graphs, `data` and `train` run the steps.

In a checkout they are `.venv`, `.envs/data` and `.envs/train`, and `make install` makes them. An installed package makes them on
first use. Only the standard library and platformdirs are needed, and any Python from 3.11 on.
"""

from boxwright.environments.making import ensure
from boxwright.environments.places import NAMES, Name, folder, installed

__all__ = ["NAMES", "Name", "ensure", "folder", "installed"]

"""`python -m boxwright`, for a Python whose folder of scripts is not on PATH.

Python itself looks into the current folder first here, and takes the variable PYTHONPATH as it is. The script `boxwright` does
not, and `python -P -m boxwright` takes only the variable.
"""

import os
import sys

# The current folder may hold a stranger's files. This process has imported little yet, and imports nothing more from there.
sys.path[:] = [place for place in sys.path if os.path.isabs(place) and place != os.getcwd()]

from boxwright.cli import main  # noqa: E402

if __name__ == "__main__":
    main()

"""What came from what in a run: records that the runner writes (lineage.json), and ways to look at them."""

from boxwright.lineage.command import main
from boxwright.lineage.records import FILE, Artifact, Task, read, task, write

__all__ = ["FILE", "Artifact", "Task", "main", "read", "task", "write"]

"""What came from what in a run: records that the runner writes (lineage.json), and ways to look at them."""

from boxwright.pipelines.lineage.command import main
from boxwright.pipelines.lineage.records import FILE, Artifact, Task, read, task, write

__all__ = ["FILE", "Artifact", "Task", "main", "read", "task", "write"]

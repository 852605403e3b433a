# environment: authoring
"""The volume of a run: only with `compile --workspace`, because KFP never caches a task that uses it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from boxwright import graphs
from boxwright.cluster import compile as compiling
from boxwright.core.runtime.errors import UserError

PLACE = "{{$.workspace_path}}"


def compiled(folder: Path, name: str, *flags: str) -> tuple[Any, Any]:
    """Both documents of a compiled graph."""
    compiling.main(["--out", str(folder), "--graph", name, *flags])
    spec, platform = yaml.load_all((folder / f"{name}.yaml").read_text(), Loader=yaml.CSafeLoader)
    return spec, platform["platforms"]["kubernetes"]


@pytest.mark.parametrize("name", graphs.NAMES)
def test_no_task_needs_a_volume_by_default(name, tmp_path):
    """KFP puts the volume's name, which is new in each run, into the cache key of each task that uses it."""
    spec, kubernetes = compiled(tmp_path, name)
    assert PLACE not in str(spec) and list(kubernetes) == ["deploymentSpec"]


def test_only_training_uses_the_workspace(tmp_path):
    spec, kubernetes = compiled(tmp_path, "finetune", "--workspace")
    tasks = [task for c in spec["components"].values() for task in c.get("dag", {}).get("tasks", {}).items()]
    using = [name for name, task in tasks if PLACE in str(task)]
    assert using == ["train"] and str(spec).count(PLACE) == 1
    # A server silently drops the whole platform document if it does not know one of its fields.
    assert list(kubernetes) == ["deploymentSpec", "pipelineConfig"]
    volume = {"pvcSpecPatch": {"accessModes": ["ReadWriteOnce"]}}
    assert kubernetes["pipelineConfig"] == {"workspace": {"size": "20Gi", "kubernetes": volume}}


def test_a_storage_class_is_passed_on(tmp_path):
    _, kubernetes = compiled(tmp_path, "finetune", "--workspace", "--storage-class", "fast")
    assert kubernetes["pipelineConfig"]["workspace"]["kubernetes"]["pvcSpecPatch"]["storageClassName"] == "fast"


def test_the_workspace_adds_nothing_to_later_graphs(tmp_path):
    with_one = compiled(tmp_path, "finetune", "--workspace")
    assert PLACE in str(with_one) and PLACE not in str(compiled(tmp_path, "finetune"))
    assert compiled(tmp_path, "diagnose", "--workspace") == compiled(tmp_path, "diagnose")


def test_a_storage_class_without_a_workspace_is_refused(tmp_path):
    with pytest.raises(UserError, match="add --workspace"):
        compiling.main(["--out", str(tmp_path), "--storage-class", "fast"])

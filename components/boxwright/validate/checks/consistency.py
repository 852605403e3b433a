"""Refuses tables that belong to other records. With them, the verdict would be about images that are not trained on."""

from collections.abc import Mapping
from pathlib import Path

from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.records import tables
from boxwright.core.runtime.errors import UserError
from boxwright.validate.split_stats import SplitStats
from boxwright.validate.tfdv.untyped import compute


def check(records: Path, folder: Path, dataset: Dataset, splits: Mapping[str, SplitStats]) -> None:
    """Raises UserError if the tables in `folder` count other images or objects than the manifest, or lack a stored image.

    Records that lack images are no error here, because another check reports them as a finding.
    """
    remedy = f"give the tables that convert wrote together with --records {records}, or run `boxwright convert` again"
    images, objects = tables.images(folder, ["filename", "split"]), tables.read(folder, [], ["split"])[1]
    numbers = objects.split.value_counts()
    for split, stored in dataset.splits.items():
        files = images.filter(compute.equal(images["split"], split))["filename"]
        tabled = len(files), int(numbers.get(split, 0))
        if tabled != (stored.images, stored.objects):
            raise UserError(
                f"--tables {folder} belongs to other data: it has {tabled[0]} images and {tabled[1]} objects in {split}, the "
                f"records have {stored.images} and {stored.objects}; {remedy}"
            )
        read = splits[split].files["filename"]
        lacking = read.filter(compute.invert(compute.is_in(read, value_set=files)))
        if len(lacking):
            raise UserError(
                f"--tables {folder} belongs to other data: in {split} it lacks {lacking[0]}, which the records have; {remedy}"
            )

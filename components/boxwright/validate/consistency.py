"""Whether the tables are of the records: those of another run would say `ready` of pictures that are not trained on."""

from pathlib import Path

import pyarrow.compute as pc

from boxwright.core.records import tables
from boxwright.core.runtime.errors import UserError
from boxwright.validate.examples import Split


def check(records: Path, folder: Path, manifest: dict, splits: dict[str, Split]) -> None:
    """Raises UserError when the tables in `folder` hold other numbers of images or objects than the manifest says, or lack an
    image of the records in its split. Only these: records that have lost some are a finding, not another run's."""
    remedy = f"give the tables that convert wrote together with --records {records}, or run convert again"
    images, objects = tables.images(folder, ["filename", "split"]), tables.read(folder, [], ["split"])[1]
    numbers = objects.split.value_counts()
    for name, split in splits.items():
        files = images.filter(pc.equal(images["split"], name))["filename"]
        told = manifest["splits"][name]["images"], manifest["splits"][name]["objects"]
        if (there := (len(files), int(numbers.get(name, 0)))) != told:
            raise UserError(
                f"--tables {folder} is of other data: {name} has {there[0]} images and {there[1]} objects there, {told[0]} and "
                f"{told[1]} in the records; {remedy}"
            )
        lacking = split.files["filename"].filter(pc.invert(pc.is_in(split.files["filename"], value_set=files)))
        if len(lacking):
            raise UserError(
                f"--tables {folder} is of other data: {name} lacks {lacking[0]} there, which the records have; {remedy}"
            )

# environment: data
"""Tables that belong to other data than the records."""

import pytest
from planted import image_named

from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.validate import split_stats
from boxwright.validate.checks import consistency
from boxwright.validate.tfdv import arrow_batches


def other_split(images, objects):
    """The same numbers, another seed: an image of train and one of val have changed places."""
    one, other = image_named(images, 0), image_named(images, 13)
    one["split"], other["split"] = other["split"], one["split"]


@pytest.mark.parametrize(
    ("tabulate", "says"),
    [
        (lambda images, objects: images.pop(), r"it has 3 images and 8 objects in test, the records have 4 and 8"),
        (lambda images, objects: objects.pop(0), r"it has 12 images and 23 objects in train, the records have 12 and 24"),
        (lambda images, objects: (images.clear(), objects.clear()), r"it has 0 images and 0 objects in train"),
        (other_split, r"in train it lacks 0\.jpg, which the records have"),
    ],
)  # fmt: skip
def test_tables_of_another_run_are_refused(dataset, tabulate, says):
    records, tables = dataset(tabulate=tabulate)
    read = {split: map(split_stats.from_batch, arrow_batches.read(records, split)) for split in tfrecords.SPLITS}
    splits = {split: split_stats.merge(parts) for split, parts in read.items()}
    with pytest.raises(UserError, match=rf"--tables .* belongs to other data: {says}.* give the tables .* --records"):
        consistency.check(records, tables, tfrecords.manifest(records), splits)

"""A look at the pixels of the images whose split has to be made: near-copies must stay together, and what is damaged must not
count for a split."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from boxwright.convert.plan import example_plan
from boxwright.convert.plan.example_plan import Plan, PlannedImage
from boxwright.convert.reading.source import Fault
from boxwright.convert.splits import stratify
from boxwright.convert.writing import local_workers, pixels
from boxwright.convert.writing.pixels import Stored

# Pictures that a process looks at at a time: the fewer, the more is said; the more, the longer one waits for another at the end.
_AT_A_TIME = 40


def looked_at(planned: Plan, data: str, processes: int) -> Plan:
    """With what is found, which the shards take over instead of decoding once more; images that cannot be decoded become
    rejects.

    data: as the user has it. Raises UserError when no image with objects is left."""
    rows = stratify.open_rows([image.split or None for image in planned.images], [i.objects for i in planned.images])
    found = dict(zip(rows, _look([planned.images[row] for row in rows], processes), strict=True))
    if not found:
        return planned
    images, rejects = [], []
    for row, image in enumerate(planned.images):
        seen = found.get(row)
        if isinstance(seen, Fault):
            rejects += example_plan.damaged(image, seen)
        else:
            images.append(image._replace(seen=seen))
    example_plan.fail_if_damaged(images, rejects, data)
    return replace(planned, images=images, rejects=planned.rejects + rejects)


def _look(images: Sequence[PlannedImage], processes: int) -> list[Stored | Fault]:
    pictures = [(str(image.file), image.upright, image.header.plain) for image in images]
    some = [pictures[start : start + _AT_A_TIME] for start in range(0, len(pictures), _AT_A_TIME)]
    return list(chain.from_iterable(local_workers.each(pixels.look, some, processes)))

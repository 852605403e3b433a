"""Decodes the images whose split has to be made, before the splits are made.

Near-copies must stay in one split, and damaged images must not count for a split.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from boxwright.convert.plan import example_plan, failures
from boxwright.convert.plan.example_plan import Plan, PlannedImage
from boxwright.convert.reading.source import Fault
from boxwright.convert.splits import stratify
from boxwright.convert.writing import crash_isolation, pixels
from boxwright.convert.writing.crash_isolation import CRASHED
from boxwright.convert.writing.pixels import File, Stored

# Images per task. Small tasks cost messages. Large tasks leave processes idle at the end.
_TASK_SIZE = 40


def prescan(planned: Plan, data: str, processes: int) -> Plan:
    """The plan with the results of decoding, which the shard writers reuse. Images that cannot be decoded become rejects.

    data: as the user gave it. Raises UserError when no image with objects is left.
    """
    rows = stratify.open_rows([image.split or None for image in planned.images], [i.objects for i in planned.images])
    found = dict(zip(rows, _decode([planned.images[row] for row in rows], processes), strict=True))
    if not found:
        return planned
    images, rejects = [], []
    for row, image in enumerate(planned.images):
        seen = found.get(row)
        if isinstance(seen, Fault):
            rejects += example_plan.reject_damaged(image, seen)
        else:
            images.append(image._replace(seen=seen))
    failures.fail_if_damaged(any(image.objects for image in images), rejects, data)
    return replace(planned, images=images, rejects=planned.rejects + rejects)


def _decode(images: Sequence[PlannedImage], processes: int) -> list[Stored | Fault]:
    """A few images in JPEG are decoded in this process. Decoders of other formats are less tested, and never run here."""
    files = [(str(image.file), image.upright, image.header.plain) for image in images]
    tasks = [files[start : start + _TASK_SIZE] for start in range(0, len(files), _TASK_SIZE)]
    if processes == 1 and all(plain for _, _, plain in files):
        return list(chain.from_iterable(map(pixels.measure_files, tasks)))
    return list(chain.from_iterable(crash_isolation.map_ordered(pixels.measure_files, tasks, processes, _one_by_one)))


def _one_by_one(files: Sequence[File]) -> list[Stored | Fault]:
    """The results for a task that ended its process."""
    alone = [[file] for file in files]
    return list(chain.from_iterable(crash_isolation.one_by_one(pixels.measure_files, alone, lambda _: [CRASHED])))

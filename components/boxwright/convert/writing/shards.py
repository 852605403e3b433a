"""Writes the shards through Apache Beam.

An element holds only the names of some shards. The worker reads the plan of a shard from a file or a bucket, so annotations and
pixels never pass through a shuffle. This measured four times as many images per second.
"""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from boxwright.convert.plan.example_plan import PlannedImage, reject_damaged
from boxwright.convert.reading.source import Fault, Reject
from boxwright.convert.writing import crash_isolation, remote_workers, shard_file
from boxwright.convert.writing.pixels import Pixels, Stored
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage.uri import in_bucket

if TYPE_CHECKING:
    import apache_beam as beam

# Writes the shard of a name.
Write = Callable[[str], None]

IMAGES_PER_SHARD = 256
_SAMPLING_MS = 1  # the least that Beam takes


@dataclass(frozen=True)
class Shard:
    name: str
    images: list[PlannedImage]


@dataclass
class Written:
    """The outcome of a shard's images.

    images: those that were stored, with their numbers (without the pixels). rejects: the damaged ones. records, objects: as
    counted in the file on disk. digest: of the file.
    """

    images: list[tuple[PlannedImage, Stored]]
    rejects: list[Reject]
    records: int
    objects: int
    digest: str


def layout(images: list[PlannedImage], wanted: int) -> list[Shard]:
    """The shards of every split. Images are dealt out in turn, so that each shard is a sample of its split.

    wanted: shards per split. 0: one for 256 images, and at least two, so that two readers have work.
    """
    shards = []
    for split in tfrecords.SPLITS:
        mine = [image for image in images if image.split == split]
        count = min(len(mine), wanted or max(2, -(-len(mine) // IMAGES_PER_SHARD)))
        shards += [Shard(tfrecords.shard_name(split, i, count), mine[i::count]) for i in range(count)]
    return shards


def write(
    shards: list[Shard],
    classes: list[str],
    folder: Path,
    *,
    data: str,
    pixels: Pixels,
    processes: int,
    beam_options: str,
) -> list[Written]:
    """Writes every shard into `folder`, and returns the outcome for its images, in the order of the shards.

    data: where the images come from. processes: on this machine; another runner has workers of its own. beam_options: as on a
    command line.
    """
    runner = build_runner(beam_options)
    class_ids = {name: number for number, name in enumerate(classes, 1)}
    plans = ((shard.name, [_entry(image, class_ids) for image in shard.images]) for shard in shards)
    names = [shard.name for shard in shards]
    if runner.bucket:
        with remote_workers.open_passage(runner.bucket, data) as passage:
            for name, entries in plans:
                passage.send_plan(name, entries)
            _run(runner, names, partial(remote_workers.write, passage.uri, pixels))
            for name in names:
                passage.receive(name, folder)
    else:
        unusual = False
        for name, entries in plans:
            shard_file.write_plan(folder, name, entries)
            unusual |= shard_file.decodes_unusual(entries)
        isolated = runner.here and (processes > 1 or unusual)
        again = partial(shard_file.write_after_crash, folder, pixels) if isolated else None
        _run(runner, names, partial(shard_file.write, folder, pixels), processes, again)
        for name in names:
            shard_file.plan_file(folder, name).unlink()
    return [_take_written(folder, shard) for shard in shards]


@dataclass(frozen=True)
class Runner:
    """pipeline: an empty one. here: it runs in this process. bucket: the URI of the folder through which plans and shards pass,
    empty if the workers see this machine's folders."""

    pipeline: "beam.Pipeline"
    here: bool
    bucket: str


def build_runner(beam_options: str) -> Runner:
    """Raises UserError for options that Beam refuses.

    Without a runner in the options, Beam's own runs in this process. Beam's default would download another one first, and lost
    records with several threads.
    """
    import apache_beam as beam  # takes two to ten seconds
    from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, StandardOptions
    from apache_beam.runners.portability.fn_api_runner.fn_runner import FnApiRunner

    try:
        options = PipelineOptions(shlex.split(beam_options))
        here = not options.view_as(StandardOptions).runner
        pipeline = beam.Pipeline(runner=FnApiRunner() if here else None, options=options)
    except (ValueError, ImportError) as error:
        why = " ".join(str(error).split())
        raise UserError(
            f"--beam-options {beam_options!r}: Beam refuses them: {why}; correct them, or leave them out"
        ) from None
    place = options.view_as(GoogleCloudOptions).temp_location or ""
    return Runner(pipeline, here, place if in_bucket(place) and not here else "")


def _run(runner: Runner, names: list[str], write: Write, processes: int = 1, after_crash: Write | None = None) -> None:
    """In this process, all shards are one element, so that they share the cores. Elsewhere, each shard is one element.

    after_crash: writes a shard that ended the process which wrote it. None: shards are written in the runner's own processes.
    """
    import apache_beam as beam

    elements = [names] if runner.here else [[name] for name in names]
    with _frequent_sampling(), runner.pipeline as pipeline:
        batches = pipeline | "Shards" >> beam.Create(elements, reshuffle=not runner.here)
        _ = batches | "Write" >> beam.Map(_write_batch, write, processes, after_crash)


def _write_batch(names: list[str], write: Write, processes: int, after_crash: Write | None) -> None:
    if not after_crash:
        for name in names:
            write(name)
        return
    for _ in crash_isolation.map_ordered(write, names, processes, after_crash):
        pass


@contextmanager
def _frequent_sampling() -> Iterator[None]:
    """Makes Beam's sampler run every millisecond.

    By default it samples a bundle at growing intervals of up to 0.2 s, and a bundle ends only after the last interval.
    """
    from apache_beam.runners.worker import statesampler

    sampler, usual = statesampler.StateSampler.__init__, (statesampler.DEFAULT_SAMPLING_PERIOD_MS,)
    if sampler.__defaults__ == usual:  # otherwise it is another version of Beam, or another conversion is running
        sampler.__defaults__ = (_SAMPLING_MS,)
    try:
        yield
    finally:
        sampler.__defaults__ = usual if sampler.__defaults__ == (_SAMPLING_MS,) else sampler.__defaults__


def _entry(image: PlannedImage, class_ids: dict[str, int]) -> Entry:
    columns = zip(*image.objects, strict=True) if image.objects else ((),) * 7
    _, names, boxes_yxyx, difficult, truncated, crowd, _ = columns
    return Entry(
        str(image.file),
        image.header.plain,
        image.upright,
        image.filename,
        image.image_id,
        image.height,
        image.width,
        names,
        tuple([class_ids[name] for name in names]),
        boxes_yxyx,
        difficult,
        truncated,
        crowd,
        image.seen,
    )


def _take_written(folder: Path, shard: Shard) -> Written:
    """The outcome of a shard. Its file is deleted."""
    outcome = shard_file.take_outcome(folder, shard.name)
    if len(outcome.images) != len(shard.images):
        raise UserError(
            f"{shard.name}: expected {len(shard.images)} images from the worker, got {len(outcome.images)}; run convert "
            "again, with the same version here and on the workers"
        )
    pairs = list(zip(shard.images, outcome.images, strict=True))
    return Written(
        images=[(image, stored) for image, stored in pairs if isinstance(stored, Stored)],
        rejects=[
            reject for image, fault in pairs if isinstance(fault, Fault) for reject in reject_damaged(image, fault)
        ],
        records=outcome.records,
        objects=outcome.objects,
        digest=outcome.digest,
    )

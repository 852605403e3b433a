"""Writes the shards through Apache Beam. An element is the name of a shard, nothing more: the worker reads the shard's plan
from a file or a bucket, so that no annotation and no pixel passes through a shuffle (four times the images per second,
measured)."""

import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.worker import statesampler

from boxwright.convert.plan.example_plan import PlannedImage, damaged
from boxwright.convert.reading.source import Fault, Reject
from boxwright.convert.writing import local_workers, remote_workers, shard_file
from boxwright.convert.writing.pixels import Pixels, Stored
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.records import tfrecords
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage.uri import in_bucket

IMAGES_PER_SHARD = 256
_SAMPLING_MS = 1  # the least that Beam takes; its thread holds no lock


@dataclass(frozen=True)
class Shard:
    name: str
    images: list[PlannedImage]


@dataclass
class Written:
    """What became of a shard's images: the stored ones with their numbers (`encoded` left out), and the damaged ones; how many
    records and objects its file was found to hold, and its digest."""

    images: list[tuple[PlannedImage, Stored]]
    rejects: list[Reject]
    records: int
    objects: int
    digest: str


def layout(images: list[PlannedImage], wanted: int) -> list[Shard]:
    """Shards of every split. Images go round robin, so that each shard is a sample of its split.

    wanted: shards a split; 0 for one in 256 images, and two at least, so that two readers have work.
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
    """Writes every shard below `folder`; returns what became of the images, in the order of the shards.

    data: where the images come from. processes: on this machine; another runner brings its own. beam_options: as on a command
    line.
    """
    runner = runner_of(beam_options)
    class_ids = {name: number for number, name in enumerate(classes, 1)}
    entries = ((shard.name, [_entry(image, class_ids) for image in shard.images]) for shard in shards)
    names = [shard.name for shard in shards]
    if runner.bucket:
        with remote_workers.open_passage(runner.bucket, data) as passage:
            for name, of_shard in entries:
                passage.send_plan(name, of_shard)
            _run(runner, names, partial(remote_workers.write, passage.uri, pixels), 1)
            for name in names:
                passage.receive(name, folder)
    else:
        for name, of_shard in entries:
            shard_file.write_plan(folder, name, of_shard)
        _run(runner, names, partial(shard_file.write, folder, pixels), processes if runner.here else 1)
        for name in names:
            shard_file.plan_file(folder, name).unlink()
    return [_taken(folder, shard) for shard in shards]


@dataclass(frozen=True)
class Runner:
    """pipeline: empty; here: it runs on this machine by itself; bucket: gs:// folder through which plans and shards pass, empty
    where workers see this machine's folders."""

    pipeline: beam.Pipeline
    here: bool
    bucket: str


def runner_of(beam_options: str) -> Runner:
    """Raises UserError for options that Beam refuses.

    Without a runner it is Beam's own in this process: the default would download another one first, and several threads of it
    lost records.
    """
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


def _run(runner: Runner, names: list[str], write: Callable[[str], None], processes: int) -> None:
    with _sampled_often(), runner.pipeline as pipeline:
        elements = pipeline | "Shards" >> beam.Create(names, reshuffle=not runner.here)
        elements | "Write" >> beam.ParDo(WriteShards(write, processes))


@contextmanager
def _sampled_often() -> Iterator[None]:
    """Beam asks what a bundle does at ever longer intervals, up to 0.2 s, and waits for the last of them at the bundle's end.."""
    sampler, usual = statesampler.StateSampler.__init__, (statesampler.DEFAULT_SAMPLING_PERIOD_MS,)
    if sampler.__defaults__ == usual:  # else another Beam, or another conversion at work
        sampler.__defaults__ = (_SAMPLING_MS,)
    try:
        yield
    finally:
        sampler.__defaults__ = usual if sampler.__defaults__ == (_SAMPLING_MS,) else sampler.__defaults__


class WriteShards(beam.DoFn):
    """A bundle at a time, so that its shards share the cores."""

    def __init__(self, write: Callable[[str], None], processes: int):
        self._write = write
        self._processes = processes

    def start_bundle(self) -> None:
        self._names: list[str] = []

    def process(self, name: str) -> Iterable[str]:
        self._names.append(name)
        return ()

    def finish_bundle(self) -> None:
        for _ in local_workers.each(self._write, self._names, self._processes):
            pass


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


def _taken(folder: Path, shard: Shard) -> Written:
    """The outcome of a shard. Its file is deleted."""
    outcome = shard_file.take_outcome(folder, shard.name)
    if len(outcome.images) != len(shard.images):
        raise UserError(
            f"{shard.name}: the worker was to write {len(shard.images)} images and reports {len(outcome.images)}; run convert "
            "again, with the same version here and on the workers"
        )
    pairs = list(zip(shard.images, outcome.images, strict=True))
    return Written(
        images=[(image, stored) for image, stored in pairs if isinstance(stored, Stored)],
        rejects=[reject for image, fault in pairs if isinstance(fault, Fault) for reject in damaged(image, fault)],
        records=outcome.records,
        objects=outcome.objects,
        digest=outcome.digest,
    )

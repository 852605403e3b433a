"""Writes the shards through Apache Beam. An element is the name of a shard, nothing more: the worker reads the shard's plan from
a file, so that no annotation and no pixel passes through a shuffle (four times the images per second, measured)."""

import pickle
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from boxwright.convert import shard_file, workers
from boxwright.convert.examples import Entry
from boxwright.convert.pixels import Pixels, Stored
from boxwright.convert.plan import PlannedImage, rejected_whole
from boxwright.convert.source import Fault, Reject
from boxwright.core import records
from boxwright.core.errors import UserError

IMAGES_PER_SHARD = 256


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
    for split in records.SPLITS:
        mine = [image for image in images if image.split == split]
        count = min(len(mine), wanted or max(2, -(-len(mine) // IMAGES_PER_SHARD)))
        shards += [Shard(records.shard_name(split, i, count), mine[i::count]) for i in range(count)]
    return shards


def write(
    shards: list[Shard], classes: list[str], folder: Path, *, pixels: Pixels, processes: int, beam_options: str
) -> list[Written]:
    """Writes every shard below `folder`; returns what became of the images, in the order of the shards.

    processes: on this machine; another runner brings its own. beam_options: as on a command line.
    """
    class_ids = {name: number for number, name in enumerate(classes, 1)}
    for shard in shards:
        entries = [_entry(image, class_ids) for image in shard.images]
        shard_file.plan_file(folder, shard.name).write_bytes(pickle.dumps(entries))
    pipeline, here = _pipeline(beam_options)
    with pipeline:
        names = pipeline | "Shards" >> beam.Create([shard.name for shard in shards], reshuffle=not here)
        names | "Write" >> beam.ParDo(WriteShards(str(folder), pixels, processes if here else 1))
    return [_taken(folder, shard) for shard in shards]


def _pipeline(beam_options: str) -> tuple[beam.Pipeline, bool]:
    """An empty pipeline, and whether it runs on this machine by itself. Raises UserError for options that Beam refuses."""
    try:
        runner, options = _runner(beam_options)
        return beam.Pipeline(runner=runner, options=options), runner is not None
    except (ValueError, ImportError) as error:
        why = " ".join(str(error).split())
        raise UserError(
            f"--beam-options {beam_options!r}: Beam refuses them: {why}; correct them, or leave them out"
        ) from None


def _runner(beam_options: str) -> tuple[FnApiRunner | None, PipelineOptions]:
    """None: the runner that the options name. Without one it is Beam's own in this process: the default would download another
    one first, and several threads of it lost records."""
    options = PipelineOptions(shlex.split(beam_options))
    return None if options.view_as(StandardOptions).runner else FnApiRunner(), options


class WriteShards(beam.DoFn):
    """A bundle at a time, so that its shards share the cores."""

    def __init__(self, folder: str, pixels: Pixels, processes: int):
        self._folder = folder
        self._pixels = pixels
        self._processes = processes

    def start_bundle(self) -> None:
        self._names: list[str] = []

    def process(self, name: str) -> Iterable[str]:
        self._names.append(name)
        return ()

    def finish_bundle(self) -> None:
        write = partial(shard_file.write, Path(self._folder), self._pixels)
        for _ in workers.each(write, self._names, self._processes):
            pass


def _entry(image: PlannedImage, class_ids: dict[str, int]) -> Entry:
    columns = zip(*image.objects, strict=True) if image.objects else ((),) * 7
    _, names, boxes_yxyx, difficult, truncated, crowd, _ = columns
    return Entry(
        str(image.image.file),
        image.header.plain,
        image.upright,
        image.image.filename,
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
    """The outcome of a shard, whose files besides the shard itself go."""
    files = (shard_file.plan_file(folder, shard.name), shard_file.outcome_file(folder, shard.name))
    outcome = pickle.loads(files[1].read_bytes())
    for file in files:
        file.unlink()
    pairs = list(zip(shard.images, outcome.images, strict=True))
    return Written(
        images=[(image, stored) for image, stored in pairs if isinstance(stored, Stored)],
        rejects=[r for image, fault in pairs if isinstance(fault, Fault) for r in rejected_whole(image.image, fault)],
        records=outcome.records,
        objects=outcome.objects,
        digest=outcome.digest,
    )

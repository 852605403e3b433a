"""Writes the shards through Apache Beam. An element is the number of a shard, nothing more: the worker reads the plan from
a file, so that no annotation and no pixel passes through a shuffle (four times the images per second, measured)."""

import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import apache_beam as beam
import tensorflow as tf
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from boxwright.convert import examples, pixels
from boxwright.convert.pixels import Stored
from boxwright.convert.plan import PlannedImage, rejected_whole
from boxwright.convert.source import Fault, Reject
from boxwright.core import records

IMAGES_PER_SHARD = 256
# Images decoded ahead of the writer: bounds memory whatever the size of a shard.
AHEAD = 16
THREADS = 2


@dataclass(frozen=True)
class Shard:
    name: str
    images: list[PlannedImage]


@dataclass
class Written:
    """What became of a shard's images: the stored ones with their numbers (`encoded` left out), and the damaged ones."""

    images: list[tuple[PlannedImage, Stored]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


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


def write(shards: list[Shard], classes: list[str], folder: Path) -> list[Written]:
    """Writes every shard below `folder`; returns what became of the images, in the order of the shards."""
    index = folder / "plan.pickle"
    index.write_bytes(pickle.dumps((shards, classes)))
    # Pinned and in-process: the default runner downloads another one first, and several threads of it lost records.
    with beam.Pipeline(runner=FnApiRunner(), options=PipelineOptions([])) as pipeline:
        numbers = pipeline | "Shards" >> beam.Create(range(len(shards)))
        numbers | "Write" >> beam.ParDo(WriteShard(str(folder), str(index)))
    written = [pickle.loads(_outcome(folder, shard).read_bytes()) for shard in shards]
    for file in (index, *(_outcome(folder, shard) for shard in shards)):
        file.unlink()
    return written


def _outcome(folder: Path, shard: Shard) -> Path:
    return folder / f"{shard.name}.pickle"


class WriteShard(beam.DoFn):
    def __init__(self, folder: str, index: str):
        self._folder = folder
        self._index = index

    def setup(self) -> None:
        self._shards, names = pickle.loads(Path(self._index).read_bytes())
        self._class_ids = {name: number for number, name in enumerate(names, 1)}

    def process(self, number: int) -> Iterator[int]:
        shard = self._shards[number]
        folder = Path(self._folder)
        written = Written()
        with tf.io.TFRecordWriter(str(folder / shard.name)) as file:
            for image, stored in _decoded(shard.images):
                if isinstance(stored, Fault):
                    written.rejects += rejected_whole(image.image, stored)
                    continue
                file.write(examples.serialize(image, stored, self._class_ids))
                written.images.append((image, stored.without_pixels()))
        _outcome(folder, shard).write_bytes(pickle.dumps(written))
        yield len(written.images)


def _decoded(images: list[PlannedImage]) -> Iterator[tuple[PlannedImage, Stored | Fault]]:
    """Decodes a few images ahead in threads (decoders let go of the interpreter lock), and keeps their order."""
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(images), AHEAD):
            chunk = images[start : start + AHEAD]
            yield from zip(chunk, pool.map(_load, chunk), strict=True)


def _load(image: PlannedImage) -> Stored | Fault:
    try:
        data = image.image.file.read_bytes()
    except OSError as error:
        return Fault("missing", str(error.strerror))
    return pixels.load(data, upright=image.upright)

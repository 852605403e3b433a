"""Shards by workers that share no disk with this machine: plans and shards pass through a bucket, at Beam's --temp_location.

A worker is given a shard's plan and the places of its images: objects in the bucket that --data names, each in the generation
that was planned with, or copies of this machine's files beside the plan. What it wrote is published whole or not at all.
"""

import pickle
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boxwright.convert.formats.source import Fault
from boxwright.convert.writing import shard_file
from boxwright.convert.writing.pixels import Pixels
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, cache, download, upload

_PLAN, _SHARD, _OUTCOME = "plan", "shard", "outcome"


@dataclass(frozen=True)
class Object:
    """Of a bucket, as it was listed."""

    uri: str
    generation: int
    crc32c: str
    encoding: str

    def blob(self, client: Any) -> Any:
        name, path = buckets.split(self.uri)
        blob = buckets.bucket(name, client).blob(path, generation=self.generation)
        blob.crc32c, blob.content_encoding = self.crc32c, self.encoding
        return blob


@dataclass(frozen=True)
class Passage:
    """uri: the folder in a bucket through which one conversion passes; objects: those of --data, by the local paths of their
    copies."""

    uri: str
    objects: Mapping[str, Object]

    def plan(self, name: str, entries: Sequence[Entry]) -> None:
        """Publishes what a worker needs for a shard. Files of this machine are sent along; those that cannot be read the worker
        finds missing, as this machine would."""
        with tempfile.TemporaryDirectory() as folder:
            for number, entry in enumerate(entries):
                if _needed(entry) and entry.file not in self.objects and Path(entry.file).is_file():
                    shutil.copyfile(entry.file, Path(folder) / str(number))
            places = [self.objects.get(entry.file) for entry in entries]
            (Path(folder) / _PLAN).write_bytes(pickle.dumps((entries, places)))
            cache.publish(Path(folder), f"{self.uri}/{name}/given")

    def take(self, name: str, folder: Path) -> None:
        """Puts what a worker wrote into `folder`, where `shard_file.write` would have put it."""
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            found = download.copy(buckets.find(f"{self.uri}/{name}/written"), Path(aside))
            (found / _SHARD).rename(folder / name)
            (found / _OUTCOME).rename(shard_file.outcome_file(folder, name))


@contextmanager
def passage(place: str, data: str) -> Iterator[Passage]:
    """place: gs://BUCKET/FOLDER, in which nothing is left behind; data: as `storage.places` has it."""
    opened = Passage(f"{place.rstrip('/')}/boxwright-{uuid.uuid4().hex}", objects(data))
    try:
        yield opened
    finally:
        try:
            upload.clear(opened.uri)
        except UserError as error:
            print(f"warning: {error}; delete it", file=sys.stderr)


def objects(data: str) -> dict[str, Object]:
    """The objects of those data sets that lie in buckets, by the paths of the copies that `storage.folder` made of them."""
    found = [buckets.find(part) for part in cache.places(data) if cache.in_bucket(part)]
    return {
        f"{home}/{name}": Object(
            f"gs://{blob.bucket.name}/{blob.name}", blob.generation, blob.crc32c, blob.content_encoding
        )
        for one in found
        for home in [download.home(one, cache.cache()).resolve()]
        for name, blob in one.blobs.items()
    }


def write(uri: str, how: Pixels, name: str) -> None:
    """On a worker: writes the shard `name` of the passage at `uri`, and publishes it with its outcome there."""
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside)
        given = download.copy(buckets.find(f"{uri}/{name}/given"), folder)
        entries = _with_images(*pickle.loads((given / _PLAN).read_bytes()), given)
        shard_file.write_plan(folder, name, entries)
        shard_file.write(folder, how, name)
        done = folder / "done"
        done.mkdir()
        (folder / name).rename(done / _SHARD)
        shard_file.outcome_file(folder, name).rename(done / _OUTCOME)
        cache.publish(done, f"{uri}/{name}/written")


def _with_images(entries: Sequence[Entry], places: Sequence[Object | None], folder: Path) -> list[Entry]:
    """The entries with their images in `folder`, under their numbers: those that were not sent along are fetched."""
    wanted = {
        str(number): place
        for number, (entry, place) in enumerate(zip(entries, places, strict=True))
        if place and _needed(entry)
    }
    client = buckets.client()

    def fetch(number: str) -> None:
        place = wanted[number]
        with buckets.explained(place.uri):
            download.fetch(place.uri, place.blob(client), folder / number, folder)

    buckets.in_parallel(fetch, wanted)
    return [entry._replace(file=str(folder / str(number))) for number, entry in enumerate(entries)]


def _needed(entry: Entry) -> bool:
    """Whether its pixels are asked for: not those in which damage was found already."""
    return not isinstance(entry.seen, Fault)

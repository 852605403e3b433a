"""Writes shards on workers that share no disk with this machine: plans and shards pass through a bucket, at --temp_location.

A worker gets the plan of a shard and the places of its images. An image is either an object in the bucket that --data names, in
the version that the plan was made for, or a copy of a local file beside the plan. The worker's output is published completely
or not at all.
"""

import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from boxwright.convert.reading.files import read_in_place
from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import shard_file, shard_messages
from boxwright.convert.writing.pixels import Pixels
from boxwright.convert.writing.shard_messages import Object
from boxwright.convert.writing.tf_examples import Entry
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import buckets, cache, download, lookup, upload
from boxwright.core.storage.stores import store
from boxwright.core.storage.uri import data_sets, in_bucket, split, top

_PLAN, _SHARD, _OUTCOME = "plan.json", "shard", "outcome.json"


@dataclass(frozen=True)
class Passage:
    """The folder in a bucket that holds the plans and shards of one conversion.

    objects: the objects of --data, by the paths of their local copies.
    """

    uri: str
    objects: Mapping[str, Object]

    def send_plan(self, name: str, entries: Sequence[Entry]) -> None:
        """Publishes what a worker needs to write the shard `name`.

        Local images are uploaded with it. The worker reports images that cannot be read as missing, as this machine would.
        """
        with tempfile.TemporaryDirectory() as folder:
            for number, entry in enumerate(entries):
                if _needs_pixels(entry) and entry.file not in self.objects and Path(entry.file).is_file():
                    _copy(entry.file, Path(folder) / str(number))
            objects = [self.objects.get(entry.file) for entry in entries]
            (Path(folder) / _PLAN).write_bytes(shard_messages.encode_plan(entries, objects))
            upload.publish(Path(folder), f"{self.uri}/{name}/given")

    def receive(self, name: str, folder: Path) -> None:
        """Puts the shard and its outcome into `folder`, where `shard_file.write` would have put them."""
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            found = download.copy(lookup.find(f"{self.uri}/{name}/written"), Path(aside))
            (found / _SHARD).rename(folder / name)
            (found / _OUTCOME).rename(shard_file.outcome_file(folder, name))


@contextmanager
def open_passage(place: str, data: str) -> Iterator[Passage]:
    """Yields a new folder below `place` (gs://BUCKET/FOLDER, for example). It is deleted at the end. data: as --data names it."""
    opened = Passage(f"{place.rstrip('/')}/boxwright-{uuid.uuid4().hex}", _objects_by_copy(data))
    try:
        yield opened
    finally:
        try:
            upload.delete(opened.uri)
        except UserError as error:
            print(f"warning: {error}; delete it", file=sys.stderr)


def _objects_by_copy(data: str) -> dict[str, Object]:
    """The objects of the data sets that lie in buckets, by the paths of the local copies that `fetch.folder` made of them."""
    found = [lookup.find(part) for part in data_sets(data) if in_bucket(part)]
    return {
        f"{home}/{name}": Object(f"{top(one.uri)}/{it.name}", it.version, it.checksum, it.encoding, it.sha256)
        for one in found
        for home in [download.copy_folder(one, cache.root()).resolve()]
        for name, it in one.objects.items()
    }


def write(uri: str, how: Pixels, name: str) -> None:
    """Runs on a worker: writes the shard `name` of the passage at `uri`, and publishes it there with its outcome."""
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(aside).resolve()  # a link on the way would be taken for one that the data put there
        given = download.copy(lookup.find(f"{uri}/{name}/given"), folder)
        plan = shard_messages.decode_plan((given / _PLAN).read_bytes(), f"{uri}/{name}/given")
        shard_file.write_plan(folder, name, _with_local_images(*plan, given))
        shard_file.write(folder, how, name)
        done = folder / "done"
        done.mkdir()
        (folder / name).rename(done / _SHARD)
        shard_file.outcome_file(folder, name).rename(done / _OUTCOME)
        upload.publish(done, f"{uri}/{name}/written")


def _with_local_images(entries: Sequence[Entry], objects: Sequence[Object | None], folder: Path) -> list[Entry]:
    """The entries with their images in `folder`, under their numbers. Images that were not sent along are fetched."""
    wanted = {
        str(number): place
        for number, (entry, place) in enumerate(zip(entries, objects, strict=True))
        if place and _needs_pixels(entry)
    }
    stores = {bucket: buckets.store_of(bucket) for bucket in {top(place.uri) for place in wanted.values()}}

    def fetch(number: str) -> None:
        place = wanted[number]
        with buckets.explained(place.uri):
            download.fetch_object(place.uri, stores[top(place.uri)], _stored(place), folder / number, folder)

    buckets.in_parallel(fetch, wanted)
    return [entry._replace(file=str(folder / str(number))) for number, entry in enumerate(entries)]


def _stored(place: Object) -> store.Object:
    version, checksum, encoding, sha256 = place[1:]
    name = split(place.uri)[1]
    return store.Object(name=name, version=version, checksum=checksum, encoding=encoding, sha256=sha256)


def _copy(file: str, target: Path) -> None:
    """Copies an image. A link in its place is not followed; the worker then finds no image."""
    with suppress(FileNotFoundError):
        target.write_bytes(read_in_place(file))


def _needs_pixels(entry: Entry) -> bool:
    """False for an image that is known to be damaged."""
    return not isinstance(entry.seen, Fault)

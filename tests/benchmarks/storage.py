# environment: .envs/data
"""Downloads 500 small objects from a bucket: `fetch.folder` against the client library's `transfer_manager` with as many
threads, and against a plain loop. All list the bucket first. The server is fake-gcs-server on this machine: first without
latency, to measure the client, then with the latency of a real bucket.

Rounds alternate, and the smallest time of each counts. Ours also rejects invalid file names, compares every file with the
listing, and moves the complete folder into place.
"""

import json
import os
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import bucket_proxy
import gcs

from boxwright.core.storage import fetch
from boxwright.core.storage.stores import gcs as gcs_client

SEED = 0
OBJECTS, SIZE = 500, 40_000
THREADS = 8
LATENCY = 0.03  # seconds, as for a bucket in the same region


def ours(folder: Path) -> int:
    os.environ["BOXWRIGHT_CACHE"] = str(folder)
    return sum(file.is_file() for file in fetch.folder("gs://archive/set").rglob("*"))


def transfer_manager(folder: Path) -> int:
    from google.cloud.storage import transfer_manager

    bucket = gcs_client.client().bucket("archive")
    names = [blob.name for blob in bucket.list_blobs(prefix="set/")]
    how = {"worker_type": transfer_manager.THREAD, "max_workers": THREADS, "raise_exception": True}
    return len(transfer_manager.download_many_to_path(bucket, names, str(folder), **how))


def loop(folder: Path) -> int:
    bucket = gcs_client.client().bucket("archive")
    blobs = list(bucket.list_blobs(prefix="set/"))
    for blob in blobs:
        file = folder / blob.name
        file.parent.mkdir(parents=True, exist_ok=True)
        blob.download_to_filename(str(file))
    return len(blobs)


WAYS = (ours, transfer_manager, loop)


def seconds(way, folder: Path) -> float:
    folder.mkdir()
    started = time.monotonic()
    assert way(folder) == OBJECTS
    return time.monotonic() - started


def compare(bucket: bucket_proxy.Bucket, address: str, rounds: int, latency: float) -> None:
    """Prints a line. latency: seconds before the response for each object."""
    chance = random.Random(SEED)
    os.environ["STORAGE_EMULATOR_HOST"] = address
    for number in range(OBJECTS):
        name = f"set/{number % 10}/{number}.jpg"
        bucket.put(name, chance.randbytes(SIZE))
        bucket.faults["read", name] = [lambda: time.sleep(latency)] * (latency > 0) * (len(WAYS) * rounds + 1)
    with tempfile.TemporaryDirectory() as top:
        loop(Path(top) / "warm")
        taken = [[seconds(way, Path(top) / f"{way.__name__}-{n}") for way in WAYS] for n in range(rounds)]
    least = {
        way.__name__: round(OBJECTS / min(times), 1) for way, times in zip(WAYS, zip(*taken, strict=True), strict=True)
    }
    line = {"name": f"storage, {1000 * latency:.0f} ms an answer", **least, "unit": "objects/s"}
    line["ratio"] = round(least["ours"] / least["transfer_manager"], 2)
    line["ratio to loop"] = round(least["ours"] / least["loop"], 2)
    print(json.dumps(line | {"n": rounds, "load": round(os.getloadavg()[0], 2), "seed": SEED}), flush=True)


def main(rounds: int = 3) -> None:
    warnings.simplefilter("ignore")
    with gcs.without_proxy() as (bucket, address):
        compare(bucket, address, rounds, 0)
    with gcs.serving() as service:
        compare(service.empty_bucket(), service.address, rounds, LATENCY)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

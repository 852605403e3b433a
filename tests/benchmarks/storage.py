# environment: .envs/data
"""Copies objects from a bucket and publishes files in one: `fetch.folder` and `upload.publish` against the transfer library of
each cloud, google-cloud-storage's `transfer_manager` and boto3's `TransferManager` (s3transfer), with as many threads. Both list
the bucket before a download. The servers are fake-gcs-server and moto on this machine: first alone, to measure the clients, then
with the latency of a real bucket.

Pairs alternate, and so does which of the two is first. The ratio is ours to theirs in one pair: its median, least and most. Ours
also rejects invalid file names, compares every file with its checksum, and moves the complete folder into place or writes the
marker of a publication.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

import bucket_proxy
import gcs
import s3

from boxwright.core.storage import fetch, upload
from boxwright.core.storage.stores import gcs as gcs_store
from boxwright.core.storage.stores import s3_client

SEED = 0
OBJECTS, SIZE = 300, 40_000
THREADS = 8
LATENCY = 0.03  # seconds, as for a bucket in the same region
Way = Callable[[str, Path], int]


def our_download(uri: str, folder: Path) -> int:
    os.environ["BOXWRIGHT_CACHE"] = str(folder / "cache")
    return sum(file.is_file() for file in fetch.folder(f"{uri}/set").rglob("*"))


def our_upload(uri: str, folder: Path) -> int:
    upload.publish(folder.parent / "source", f"{uri}/{folder.name}")
    return OBJECTS


def gcs_download(uri: str, folder: Path) -> int:
    from google.cloud.storage import transfer_manager

    bucket = gcs_store.client().bucket(bucket_proxy.NAME)
    names = [blob.name for blob in bucket.list_blobs(prefix="set/")]
    return len(transfer_manager.download_many_to_path(bucket, names, str(folder), **_gcs_options()))


def gcs_upload(uri: str, folder: Path) -> int:
    from google.cloud.storage import transfer_manager

    source = folder.parent / "source"
    names = [str(file.relative_to(source)) for file in source.rglob("*.jpg")]
    bucket, place = gcs_store.client().bucket(bucket_proxy.NAME), f"{folder.name}/"
    options = {"blob_name_prefix": place, **_gcs_options()}
    return len(transfer_manager.upload_many_from_filenames(bucket, names, source_directory=str(source), **options))


def _gcs_options() -> dict:
    from google.cloud.storage import transfer_manager

    return {"worker_type": transfer_manager.THREAD, "max_workers": THREADS, "raise_exception": True}


def s3_download(uri: str, folder: Path) -> int:
    client = s3_client.client(60, THREADS)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket_proxy.NAME, Prefix="set/")
    names = [one["Key"] for page in pages for one in page["Contents"]]
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    with _s3_manager(client) as manager:
        found = [manager.download(bucket_proxy.NAME, name, str(folder / name)) for name in names]
        return len([one.result() for one in found])


def s3_upload(uri: str, folder: Path) -> int:
    source = folder.parent / "source"
    with _s3_manager(s3_client.client(60, THREADS)) as manager:
        files = {f"{folder.name}/{file.relative_to(source)}": file for file in source.rglob("*.jpg")}
        found = [manager.upload(str(file), bucket_proxy.NAME, name) for name, file in files.items()]
        return len([one.result() for one in found])


def _s3_manager(client):
    from boto3.s3.transfer import TransferConfig, create_transfer_manager

    return create_transfer_manager(client, TransferConfig(max_concurrency=THREADS, preferred_transfer_client="classic"))


PAIRS: dict[str, dict[str, tuple[Way, Way]]] = {
    "gs": {"download": (our_download, gcs_download), "upload": (our_upload, gcs_upload)},
    "s3": {"download": (our_download, s3_download), "upload": (our_upload, s3_upload)},
}


def seconds(way: Way, uri: str, folder: Path) -> float:
    folder.mkdir()
    started = time.monotonic()
    assert way(uri, folder) == OBJECTS
    return time.monotonic() - started


def compare(scheme: str, bucket: bucket_proxy.Bucket, rounds: int, latency: float) -> None:
    """Prints a line for each direction. latency: seconds before the response for each object that is read."""
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory() as top:
        for number in range(OBJECTS):
            name, body = f"set/{number % 10}/{number}.jpg", chance.randbytes(SIZE)
            bucket.put(name, body)
            bucket.faults["read", name] = [lambda: time.sleep(latency)] * (latency > 0) * (2 * rounds + 2)
            file = Path(top) / "source" / name.removeprefix("set/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
        for what, pair in PAIRS[scheme].items():
            times = {way: [seconds(way, bucket.uri, Path(top) / f"{what}-{way.__name__}-warm")][:0] for way in pair}
            for n in range(rounds):
                for way in pair[:: 1 - 2 * (n % 2)]:
                    times[way].append(seconds(way, bucket.uri, Path(top) / f"{what}-{way.__name__}-{n}"))
            told(f"storage, {what}, {scheme}://, {1000 * latency:.0f} ms an answer", *times.values())


def told(name: str, ours: list[float], theirs: list[float]) -> None:
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]  # of speeds
    rates = {"ours": OBJECTS / statistics.median(ours), "theirs": OBJECTS / statistics.median(theirs)}
    spread = {"ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios)}
    line = {"name": name, **{key: round(value, 2) for key, value in (rates | spread).items()}, "unit": "objects/s"}
    print(json.dumps(line | {"n": len(ours), "load": round(os.getloadavg()[0], 2), "seed": SEED}), flush=True)


def main(rounds: int = 5) -> None:
    warnings.simplefilter("ignore")
    os.environ.update(s3.VARIABLES)
    for scheme, server, variable in (("gs", gcs, "STORAGE_EMULATOR_HOST"), ("s3", s3, "AWS_ENDPOINT_URL")):
        with bucket_proxy.running(server.Bucket) as bucket:
            os.environ[variable] = bucket.address
            compare(scheme, bucket, rounds, 0)
        with bucket_proxy.serving(server.Bucket) as service:
            os.environ[variable] = service.address
            compare(scheme, service.empty_bucket(), rounds, LATENCY)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

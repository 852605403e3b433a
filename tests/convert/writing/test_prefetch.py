# environment: data
"""Work that starts before it is known which of it is needed. It does not change the result of a conversion."""

import os
import subprocess
import sys
import time

import pooled
import pytest
from apache_beam.runners.worker import statesampler
from PIL import Image

from boxwright.convert.plan import example_plan
from boxwright.convert.plan.image_headers import Header
from boxwright.convert.reading import detect_format
from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import local_workers, shards
from boxwright.convert.writing.local_workers import Prefetch

OBJECT = (1, [4, 4, 20, 20])
ITEMS = list(range(local_workers.FEW))


def test_returns_all_results():
    deadline = time.monotonic() + 60
    with local_workers.pool(2):
        begun = Prefetch(abs, ITEMS, chunk=100)
        while len(begun._work) < -(-len(ITEMS) // 100) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert begun.done() == {item: item for item in ITEMS}


def test_few_chunks_are_with_the_processes():
    with local_workers.pool(2):
        found = Prefetch(pooled.slow_square, ITEMS, chunk=8).done()
    assert found == {item: item**2 for item in ITEMS[: len(found)]}
    assert 4 * 8 <= len(found) < len(ITEMS)


def test_other_work_need_not_wait():
    with local_workers.pool(2) as pool:
        begun = Prefetch(pooled.slow_square, ITEMS, chunk=8)
        assert pool.submit(abs, -1).result() == 1
        assert len(begun.done()) < len(ITEMS)


def test_error_does_not_wait(tmp_path):
    files = [str(tmp_path / str(number)) for number in ITEMS]
    with pytest.raises(ZeroDivisionError), local_workers.pool(2):
        Prefetch(pooled.slow_touch, files, chunk=8)
        raise ZeroDivisionError
    assert len(list(tmp_path.iterdir())) < len(files)


def test_items_that_raise_are_left_out():
    with local_workers.pool(2):
        assert Prefetch(pooled.odd, [*ITEMS[:-1], 0], chunk=local_workers.FEW).done() == {
            n: n for n in ITEMS[:-1] if n % 2
        }


def test_killed_worker_costs_the_results_only():
    with local_workers.pool(2):
        assert Prefetch(pooled.killed, ITEMS, chunk=8).done() == {}
        assert local_workers.current().submit(abs, -1).result() == 1


def test_few_items_or_no_pool_start_nothing():
    with local_workers.pool(2):
        assert Prefetch(abs, ITEMS[1:], chunk=1).done() == {}
    with local_workers.pool(1):
        assert Prefetch(abs, ITEMS, chunk=1).done() == {}
    assert Prefetch(abs, ITEMS, chunk=1).done() == {}


def test_known_headers_are_not_read_again(coco):
    """The files do not exist, so only the given headers can be used."""
    source = detect_format.read(detect_format.open_folder(coco({f"{number}.jpg": [OBJECT] for number in range(8)})))
    headers = {str(i.file): Header(64, 48, 1, True, (number, 0)) for number, i in enumerate(source.images)}
    for image in source.images:
        image.file.unlink()
    planned = example_plan.build(source, fix="clip", missing="fail", headers=headers)
    assert {str(image.file): image.header for image in planned.images} == headers


def test_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "a.jpg")
    program = (
        f"from boxwright.convert.plan.image_headers import read_header; print(read_header({str(tmp_path / 'a.jpg')!r}))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == str(Fault("undecodable", "not a regular file"))


@pytest.mark.slow
@pytest.mark.parametrize("pixels", ["decode", "trust"])
def test_prefetch_changes_nothing(coco, convert, picture, pixels):
    """The data has damaged, turned and unlisted files."""
    exif = Image.Exif()
    exif[0x0112] = 6
    names = [f"{number:04d}.jpg" for number in range(local_workers.FEW + 88)] + [
        "a.png",
        "turned.jpg",
        "cut.jpg",
        "no.jpg",
    ]
    data = coco({name: [OBJECT] for name in names})
    picture(data / "images" / "turned.jpg", exif=exif.tobytes())
    (data / "images" / "cut.jpg").write_bytes((data / "images" / "0001.jpg").read_bytes()[:700])
    (data / "images" / "no.jpg").write_text("no picture")
    picture(data / "unlisted.jpg")
    os.mkfifo(data / "pipe.jpg")
    without, with_it = (convert(data, f"{n}", workers=n, pixels=pixels, missing="quarantine") for n in (1, 2))
    assert len(without.quarantine) == 6
    for folder in ("records", "tables"):
        for file in sorted(getattr(without, folder).iterdir()):
            assert file.read_bytes() == (getattr(with_it, folder) / file.name).read_bytes(), file.name


def test_processes_reuse_memory():
    with local_workers.pool(2) as pool:
        touched = pool.submit(pooled.pages_touched, 64).result()
    assert touched < 64 * 32 * (1 << 18) / os.sysconf("SC_PAGE_SIZE") / 4


def test_frequent_sampling_ends():
    usual = statesampler.StateSampler.__init__.__defaults__
    with shards._frequent_sampling(), shards._frequent_sampling():
        assert statesampler.StateSampler("", None).sampling_period_ms == 1
    assert statesampler.StateSampler.__init__.__defaults__ == usual

"""Work that is begun before it is known which of it is wanted: what comes of it is the same as without."""

import resource
import time

import pytest

pytest.importorskip("apache_beam", reason="convert runs in the data environment")

import pooled
from apache_beam.runners.worker import statesampler
from PIL import Image

from boxwright.convert import ahead, detect, pixels, plan, shards, sharing, workers
from boxwright.convert.headers import Header, read_header
from boxwright.convert.pixels import Stored
from boxwright.convert.source import Fault
from boxwright.convert.workers import Begun

OBJECT = (1, [4, 4, 20, 20])
SEEN = Stored(b"", "jpeg", "", 0.1, 0.2, 0.3, "0123456789abcdef")


def test_all_that_was_begun_is_given_by_item():
    items = list(range(workers.FEW))
    with workers.pool(2):
        assert Begun(abs, items, chunk=100).done(wait=True) == {item: item for item in items}


def test_what_was_not_come_to_is_given_up():
    items = list(range(workers.FEW))
    with workers.pool(2):
        found = Begun(pooled.slow_square, items, chunk=4).done(wait=False)
    assert len(found) < len(items)
    assert all(found[item] == item**2 for item in found)


def test_an_error_does_not_wait_for_what_was_begun(tmp_path):
    files = [str(tmp_path / str(number)) for number in range(workers.FEW)]
    with pytest.raises(ZeroDivisionError), workers.pool(2):
        Begun(pooled.slow_touch, files, chunk=1)
        raise ZeroDivisionError
    assert len(list(tmp_path.iterdir())) < len(files)


def test_few_items_or_no_pool_begin_nothing():
    few = list(range(workers.FEW - 1))
    with workers.pool(2):
        assert Begun(abs, few, chunk=1).done(wait=True) == {}
    with workers.pool(1):
        assert Begun(abs, [*few, 0], chunk=1).done(wait=True) == {}
    assert Begun(abs, [*few, 0], chunk=1).done(wait=True) == {}


@pytest.mark.parametrize("options", [{}, {"quality": 30, "progressive": True}], ids=["baseline", "progressive"])
def test_a_glance_finds_what_a_look_does(picture, tmp_path, options):
    file = str(picture(tmp_path / "a.jpg", 300, 200, **options))
    seen = pixels.glance(file)
    assert isinstance(seen, Stored) and seen.dhash and not seen.encoded
    assert seen == pixels.look((file, False, True))


def test_a_glance_finds_damage(picture, tmp_path):
    file = picture(tmp_path / "a.jpg", 300, 200)
    file.write_bytes(file.read_bytes()[:-3000])
    seen = pixels.glance(str(file))
    assert isinstance(seen, Fault) and seen.reason == "truncated"
    assert seen == pixels.look((str(file), False, True))


def test_a_glance_leaves_other_files_to_a_look(picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = picture(tmp_path / "turned.jpg", exif=exif.tobytes())
    assert read_header(str(turned)).orientation == 6
    others = [turned, picture(tmp_path / "a.png"), tmp_path / "missing.jpg"]
    assert [pixels.glance(str(file)) for file in others] == [None, None, None]


def test_headers_and_looks_that_are_there_are_not_taken_again(coco):
    """Of files that are there no longer, nothing else could be known."""
    root = coco({f"{number}.jpg": [OBJECT] for number in range(8)})
    source = detect.read(detect.listed(root))
    files = [str(image.file) for image in source.images]
    for image in source.images:
        image.file.unlink()
    headers = {file: Header(64, 48, 1, True, (number, 0)) for number, file in enumerate(files)}
    planned = plan.make(source, fix="clip", missing="fail", headers=headers)
    assert {str(image.image.file): image.header for image in planned.images} == headers
    shares = {"train": 0.5, "val": 0.25, "test": 0.25}
    seen = {file: SEEN._replace(dhash=f"{number:016x}") for number, file in enumerate(files)}
    shared = sharing.share_out(
        planned, fractions=shares, seed=0, group="", how="decode", processes=1, looks=lambda: seen
    )
    assert {str(image.image.file): image.seen for image in shared.images} == seen


@pytest.mark.parametrize(("how", "looks"), [("decode", True), ("trust", False)])
def test_pictures_are_looked_at_ahead_unless_they_are_trusted(picture, tmp_path, how, looks):
    files = [picture(tmp_path / f"{number}.jpg", 16, 16) for number in range(workers.FEW)]
    with workers.pool(2):
        begun = ahead.Ahead(files, how)
        headers = begun.headers()
        while looks and not (seen := begun._looks.done(wait=True)):
            time.sleep(0.01)
        seen = begun.looks()
    assert headers == {str(file): read_header(str(file)) for file in files}
    assert seen == ({str(file): pixels.glance(str(file)) for file in files} if looks else {})


@pytest.mark.slow
def test_a_conversion_is_the_same_with_it(coco, convert):
    data = coco({f"{number:04d}.jpg": [OBJECT] for number in range(workers.FEW + 88)})
    without, with_it = convert(data, "without", workers=1), convert(data, "with", workers=2)
    assert without.manifest == with_it.manifest
    assert (without.tables / "images.parquet").read_bytes() == (with_it.tables / "images.parquet").read_bytes()


def test_processes_keep_the_memory_of_one_image_for_the_next():
    with workers.pool(2) as pool:
        touched = pool.submit(pooled.pages_touched, 64).result()
    assert touched < 64 * 32 * (1 << 18) / resource.getpagesize() / 4


def test_beam_is_asked_often_only_while_records_are_written():
    before = statesampler.StateSampler.__init__.__defaults__
    with shards._sampled_often():
        assert statesampler.StateSampler("", None).sampling_period_ms < before[0]
    assert statesampler.StateSampler.__init__.__defaults__ == before

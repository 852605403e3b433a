# environment: data
"""One annotation that many images or lines of a list name is read once, and its objects count once."""

import itertools
import os
import time

from convert_sets import LABEL, VOC

from boxwright.core.records import tfrecords
from boxwright.core.records.example_proto import Example

ROWS = 20_000


def spellings(suffix: str) -> list[str]:
    """The suffix in every mixture of upper and lower case."""
    return ["".join(letters) for letters in itertools.product(*((c, c.upper()) for c in suffix))]


def test_label_of_many_images(made, read):
    root = made([], {"classes.txt": "cat", "labels/a.txt": LABEL * ROWS})
    (root / "images").mkdir()
    for suffix in [*spellings("jpeg"), *spellings("tiff")]:
        (root / "images" / f"a.{suffix}").write_bytes(b"")
    images = read(root).images
    assert {(len(image.objects), image.fault.reason) for image in images} == {(0, "unreadable_annotation")}
    assert len(images) == 32


def test_label_of_two_images(made, read):
    root = made(["images/a.jpg", "images/a.png"], {"classes.txt": "cat", "labels/a.txt": LABEL})
    assert [len(image.objects) for image in read(root).images] == [1, 1]


def test_list_that_repeats_an_image(made, read):
    root = made(
        ["images/a.jpg"], {"classes.txt": "cat", "labels/a.txt": LABEL * ROWS, "train.txt": "images/a.jpg\n" * 5_000}
    )
    started = time.process_time()
    images = read(root).images
    assert sum(len(image.objects) for image in images) == ROWS and len(images) == 5_000
    assert time.process_time() - started < 5


def test_list_that_repeats_an_xml(made, read):
    root = made(["JPEGImages/a.jpg"], {"Annotations/a.xml": VOC, "ImageSets/Main/train.txt": "a\n" * 1_000})
    images = read(root).images
    assert len(images) == 1_000 and [image for image in images if image.objects] == images[:1]


def test_configuration_that_repeats_a_list(made, read):
    lists = ", ".join(["list.txt", "./list.txt"] * 400)
    files = {"data.yaml": f"names: [cat]\ntrain: [{lists}]\nval: images\n", "labels/a.txt": LABEL}
    root = made(["images/a.jpg"], files | {"list.txt": "images/a.jpg\n" + "".join(f"{n}.jpg\n" for n in range(2_000))})
    started = time.process_time()
    assert len(read(root).images) == 2_001
    assert time.process_time() - started < 5


def test_pipe_as_label_map_of_records(made, read):
    """Opening a pipe for reading waits for a writer forever."""
    root = made(["a.jpg"], {})
    (root / "train.tfrecord").write_bytes(framed_example())
    os.mkfifo(root / "label_map.pbtxt")
    assert [image.filename for image in read(root).images] == ["train.tfrecord#0"]


def framed_example() -> bytes:
    """A record whose file name is longer than any path."""
    built = Example()
    built.features.feature["image/encoded"].bytes_list.value.append(b"no image")
    built.features.feature["image/filename"].bytes_list.value.append(b"a/" * 100_000)
    return b"".join(tfrecords.framed(built.SerializeToString()))

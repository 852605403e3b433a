# environment: data
"""Links within the data are followed; those that lead outside with --follow-links, and never if they appear later (attack 04)."""

import pytest
from convert_sets import LABEL, VOC, coco_json

from boxwright.convert.plan.image_headers import read_header
from boxwright.convert.reading.source import Fault
from boxwright.convert.writing import pixels
from boxwright.core.runtime.errors import UserError


def measured(file: str):
    """What the pixels of one file show."""
    return pixels.measure_files([(file, False, False)])[0]


def test_links_within_the_data_are_followed(made, convert, tmp_path):
    """Also when --data itself is a link, and when it is one file."""
    root = made(["pool/a.jpg"], {"set.json": coco_json("images/a.jpg")})
    (root / "images").mkdir()
    (root / "images/a.jpg").symlink_to("../pool/a.jpg")
    (root / "loop").symlink_to(root)
    (tmp_path / "link").symlink_to(root)
    for number, data in enumerate((root, tmp_path / "link", root / "set.json", tmp_path / "link/set.json")):
        assert set(convert(data, f"out{number}").read()) == {"images/a.jpg"}


def test_data_is_a_link_to_one_file(made, convert, secrets):
    """The user names the file, so it is read; its neighbours are not."""
    (secrets / "set.json").write_text(coco_json("images/a.jpg"))
    root = made(["images/a.jpg"], {})
    (root / "set.json").symlink_to(secrets / "set.json")
    assert set(convert(root / "set.json").read()) == {"images/a.jpg"}


def test_follow_links_reads_files_outside(made, convert, secrets):
    """Links to images, folders and labels, and paths; a notice says how many files and where."""
    texts = {"classes.txt": "cat", "train.txt": f"images/a.jpg\nb.jpg\nmore/im02.jpg\n{secrets}/private/im01.jpg\n"}
    root = made(["images/a.jpg"], texts | {"labels/a.txt": LABEL, "b.txt": LABEL})
    (secrets / "private/im02.txt").write_text(LABEL)
    (root / "b.jpg").symlink_to(secrets / "private/im01.jpg")
    (root / "more").symlink_to(secrets / "private")
    out = convert(root, follow_links=True)
    assert set(out.read()) == {"images/a.jpg", "b.jpg", "more/im02.jpg", "../secrets/private/im01.jpg"}
    assert out.claims("outside_files_read") == [
        "--follow-links: 4 files were read outside of --data, where links or paths in the annotations lead "
        "(first: ../secrets/private/im02.txt)"
    ]


def test_follow_links_reads_a_configuration_outside(made, read, secrets):
    (secrets / "names").write_text("cat\n")
    texts = {"obj.data": f"names = {secrets}/names\ntrain = t.txt\n", "t.txt": "images/a.jpg\n", "labels/a.txt": LABEL}
    root = made(["images/a.jpg"], texts)
    assert read(root, follow_links=True).categories == ["cat"]


def test_dangling_links_and_loops(made, convert, tmp_path):
    root = made(["a.jpg"], {"a.xml": VOC, "b.xml": VOC, "c.xml": VOC})
    (root / "b.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (root / "c.jpg").symlink_to("c.jpg")
    out = convert(root, missing="quarantine")
    assert out.manifest["quarantined"]["images"] == {"missing": 2}


def test_a_link_put_there_later_is_not_followed(made, secrets):
    """A file of the data becomes a link after its path was checked; then a folder above it."""
    root = made(["a.jpg", "b/im01.jpg"], {})
    files = [str(root / name) for name in ("a.jpg", "b/im01.jpg")]
    assert not [one for one in (*map(read_header, files), *map(measured, files)) if isinstance(one, Fault)]
    (root / "a.jpg").unlink()
    (root / "a.jpg").symlink_to(secrets / "private/im01.jpg")
    (root / "b").rename(root / "old")
    (root / "b").symlink_to(secrets / "private")
    assert [one.reason for one in map(measured, files) if isinstance(one, Fault)] == ["missing", "missing"]
    assert read_header(files[0]) == Fault("missing", "no such file")


@pytest.mark.parametrize("store", ["gs", "s3"])
def test_data_in_a_bucket_name_no_local_file(bucket, convert, picture, secrets, tmp_path):
    """The copy of a bucket's folder is a data folder like any other."""
    bucket.put("set/images/a.jpg", picture(tmp_path / "a.jpg").read_bytes())
    bucket.put("set/labels/a.txt", LABEL.encode())
    bucket.put("set/n", b"cat\n")
    bucket.put("set/t.txt", f"images/a.jpg\n{secrets}/private/im01.jpg\n".encode())
    bucket.put("set/obj.data", f"names = {secrets}/token\ntrain = t.txt\n".encode())
    with pytest.raises(UserError, match=r"obj\.data names .*secrets/token, outside of --data"):
        convert(f"{bucket.uri}/set")
    bucket.put("set/obj.data", b"names = n\ntrain = t.txt\n")
    out = convert(f"{bucket.uri}/set")
    assert set(out.read()) == {"images/a.jpg"} and out.manifest["quarantined"]["images"] == {"outside": 1}

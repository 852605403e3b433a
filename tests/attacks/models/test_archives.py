# environment: train
"""Archives of weights: bombs, sparse members, names that lead outside, links and devices."""

import bz2
import gzip
import io
import lzma
import tarfile
from pathlib import Path

import checkpoints
import pytest
from weights import good_members, refused, tar

from boxwright.core.foreign_files import weight_files
from boxwright.core.pretrained import checkpoint_archive, foreign_weights, slim_arrays
from boxwright.core.runtime import limits
from boxwright.core.runtime.errors import UserError

INDEX, DATA = "zoo/model.ckpt.index", "zoo/model.ckpt.data-00000-of-00001"


@pytest.mark.parametrize("packing", ["w:gz", "w:bz2", "w:xz", "w:"])
def test_a_good_archive_is_read(packing, tmp_path):
    path = tar(tmp_path / "zoo.tar", *good_members(tmp_path), mode=packing)
    assert slim_arrays.read(path)["w"].tolist() == [0, 0]


def test_a_sparse_member_of_40_gigabytes_is_refused(tmp_path):
    """180 bytes, as GNU tar writes them for a file with a hole."""
    header = bytearray(tarfile.TarInfo(DATA).tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"  # a sparse file
    header[386:410] = b"%011o\0%011o\0" % (0, 0)  # one piece, without content
    header[483:495] = b"\x80" + (40 << 30).to_bytes(11, "big")  # its full size
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    path = tmp_path / "sparse.tar.gz"
    path.write_bytes(gzip.compress(bytes(header) + bytes(1024)))
    assert path.stat().st_size < 300
    refused(path, "sparse")


def test_a_sparse_member_of_posix_is_refused(tmp_path):
    info = tarfile.TarInfo(DATA)
    info.size = 512
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(40 << 30)}
    archive = tar(tmp_path / "sparse.tar", info, mode="w:")
    refused(archive, "sparse|damaged")


def test_a_list_of_pieces_of_a_sparse_member_is_bounded(tmp_path, small, monkeypatch):
    """The list says that it has 10 ** 9 entries: "0" and a newline each, which pack well."""
    monkeypatch.setattr(foreign_weights, "_SECONDS", 20)
    info = tarfile.TarInfo(DATA)
    content = b"1000000000\n" + b"0\n" * 50_000
    info.size = len(content)
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "1"}
    with tarfile.open(tmp_path / "sparse.tar.gz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(content))
    refused(tmp_path / "sparse.tar.gz", "sparse|damaged|holds more|takes more")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_member_above_the_limit_is_not_unpacked(pack, tmp_path, small):
    """20 MiB of zeros, packed to a few KiB."""
    info = tarfile.TarInfo(DATA)
    info.size = 20 << 20
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(pack(tar(tmp_path / "plain", info, mode="w:").read_bytes()))
    assert path.stat().st_size < 50_000
    assert weight_files.VARIABLE in refused(path, "holds more than 10.24 MiB")


def test_members_are_counted_together(tmp_path, small):
    members = [(f"{i}/model.ckpt.data-00000-of-00001", bytes(3 << 20)) for i in range(5)]
    refused(tar(tmp_path / "many.tar.gz", *members), "holds more than")


def test_members_that_are_not_needed_are_not_kept(tmp_path, small):
    """The rest of a training's folder is larger than the limit of weights."""
    movie = tarfile.TarInfo("zoo/movie.mp4")
    movie.size = 30 << 20
    path = tar(tmp_path / "run.tar.gz", movie, *good_members(tmp_path))
    assert slim_arrays.read(path)["w"].tolist() == [0, 0]


def test_the_unpacked_archive_is_bounded(tmp_path):
    """This test runs the child's function here, to set a smaller limit."""
    movie = tarfile.TarInfo("zoo/movie.mp4")
    movie.size = 3 << 20
    path = tar(tmp_path / "run.tar.gz", movie, *good_members(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint_archive, "ARCHIVE_BYTES", 1 << 20)
        with pytest.raises(UserError, match="unpacked, holds more than 1 MiB"):
            foreign_weights.collect(str(path), str(tmp_path / "temporary"), limits.GIB, str(path))


def test_a_name_that_unpacks_to_gigabytes_is_bounded(tmp_path, small, monkeypatch):
    """`tarfile` reads a long name into the memory. 600 MiB of zeros pack to 600 KiB."""
    monkeypatch.setattr(foreign_weights, "_MEMORY", 400 << 20)
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 600 << 20
    with gzip.GzipFile(tmp_path / "name.tar.gz", "wb", compresslevel=1) as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        for _ in range(10):
            file.write(bytes(60 << 20))
    refused(tmp_path / "name.tar.gz", "needs more than")


@pytest.mark.parametrize(
    "name", ["../../escaped.index", "/tmp/escaped.index", "..", "a/../../escaped.data-00000-of-00001"]
)
def test_names_that_lead_outside_write_nothing_there(name, tmp_path):
    before = set(tmp_path.rglob("*"))
    path = tar(tmp_path / "x.tar.gz", (name, b"x"))
    refused(path, "holds no checkpoint|not a readable checkpoint")
    assert set(tmp_path.rglob("*")) == before | {path} and not Path("/tmp/escaped.index").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_and_devices_are_ignored(kind, tmp_path):
    special = tarfile.TarInfo(DATA)
    special.type, special.linkname = kind, "/etc/passwd"
    (index,) = (member for member in good_members(tmp_path) if member[0] == INDEX)
    refused(tar(tmp_path / "x.tar.gz", special, index), "missing, or not a file")


def test_many_members_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(weight_files, "MEMBERS", 100)
    path = tar(tmp_path / "x.tar.gz", *[(f"{i}.index", b"") for i in range(200)])
    with pytest.raises(UserError, match="more than 100 members"):
        foreign_weights.collect(str(path), str(tmp_path / "temporary"), limits.GIB, str(path))


def test_an_archive_in_an_archive_is_not_unpacked(tmp_path):
    inner = tar(tmp_path / "inner.tar.gz", *good_members(tmp_path)).read_bytes()
    refused(tar(tmp_path / "outer.tar.gz", ("inner.tar.gz", inner)), "holds no checkpoint")


def test_a_full_disk_is_a_sentence(tmp_path):
    """/dev/full stands for it: the child writes its arrays there."""
    prefix = checkpoints.write(tmp_path / "zoo", data=bytes(1 << 20), shape=(1 << 18,), size=1 << 20)
    (tmp_path / "temporary" / "arrays").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"cannot be unpacked .*No space left"):
        foreign_weights.collect(str(prefix), str(tmp_path / "temporary"), limits.GIB, "zoo")

# environment: data
"""Writing text files: a failure gives a one-sentence error, and files are never half written."""

import resource
from concurrent.futures import ThreadPoolExecutor

import pytest

from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError


def test_write_makes_missing_folders(tmp_path):
    text_files.write(tmp_path / "a" / "b.txt", "猫\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "猫\n".encode()


def test_make_folder_twice(tmp_path):
    text_files.make_folder(tmp_path / "a" / "b")
    text_files.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize(
    ("name", "says"), [("", "Is a directory"), ("file/b", "Not a directory"), ("file/b/c", "Not a directory")]
)
def test_unwritable_file_is_named(tmp_path, name, says):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=rf"cannot be written: {says}; choose a path"):
        text_files.write(tmp_path / name, "text")


def test_unwritable_folder_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file cannot be written: Not a directory; choose a path"):
        text_files.make_folder(tmp_path / "file")


def test_full_disk_is_named(tmp_path):
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"full cannot be written: No space left on device; .* disk with room"):
        text_files.write(tmp_path / "full", "text")


def test_full_disk_keeps_the_old_file(tmp_path):
    text_files.write(tmp_path / "recipe.yaml", "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(UserError, match=r"recipe\.yaml cannot be written: File too large"):
            text_files.write(tmp_path / "recipe.yaml", "new" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "recipe.yaml").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_two_writers_of_one_file(tmp_path):
    """Either writer may be the last, but the file is complete. Its name has the greatest allowed length."""
    file, texts = tmp_path / ("n" * 255), [letter * 1000000 for letter in "abcd"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda text: text_files.write(file, text), texts * 5))
    assert file.read_text() in texts and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("before", ["dear", None])
def test_nothing_is_written_through_a_link(before, tmp_path):
    if before:
        (tmp_path / "file").write_text(before)
    (tmp_path / "link").symlink_to("file")
    with pytest.raises(UserError, match="link is a link to file, and no file is written through a link"):
        text_files.write(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").exists() == bool(before) and (
        before is None or (tmp_path / "file").read_text() == before
    )

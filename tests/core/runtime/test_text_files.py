# environment: data
"""What cannot be written is told in a sentence."""

import resource
from concurrent.futures import ThreadPoolExecutor

import pytest

from boxwright.core.runtime import text_files
from boxwright.core.runtime.errors import UserError


def test_a_file_in_folders_that_are_not_there_yet(tmp_path):
    text_files.write(tmp_path / "a" / "b.txt", "猫\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "猫\n".encode()


def test_a_folder_twice(tmp_path):
    text_files.make_folder(tmp_path / "a" / "b")
    text_files.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize(
    ("name", "says"), [("", "Is a directory"), ("file/b", "Not a directory"), ("file/b/c", "Not a directory")]
)
def test_no_place_for_a_file(tmp_path, name, says):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=rf"cannot be written: {says}; choose a place"):
        text_files.write(tmp_path / name, "text")


def test_no_place_for_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file cannot be written: Not a directory; choose a place"):
        text_files.make_folder(tmp_path / "file")


def test_a_full_disk(tmp_path):
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"full cannot be written: No space left on device; .* has room"):
        text_files.write(tmp_path / "full", "text")


def test_a_disk_that_fills_up_leaves_what_was_there(tmp_path):
    text_files.write(tmp_path / "recipe.yaml", "old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(UserError, match=r"recipe\.yaml cannot be written: File too large"):
            text_files.write(tmp_path / "recipe.yaml", "new" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "recipe.yaml").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_two_that_write_the_same_file_at_once(tmp_path):
    """Whose is the last one is a matter of chance, but it is whole; a name may be as long as names can be."""
    file, texts = tmp_path / ("n" * 255), [letter * 1000000 for letter in "abcd"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda text: text_files.write(file, text), texts * 5))
    assert file.read_text() in texts and len(list(tmp_path.iterdir())) == 1


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to("file")
    text_files.write(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "file").read_text() == "text"

# environment: data
"""Which changes change a digest."""

from boxwright.core.runtime import digests


def test_order_of_keys_does_not_matter():
    assert digests.of_json({"a": 1, "b": [1, 2]}) == digests.of_json({"b": [1, 2], "a": 1})
    assert digests.of_json({"a": [1, 2]}) != digests.of_json({"a": [2, 1]})


def test_digest_of_a_folder_follows_names_and_contents(tmp_path):
    """The SHA-256 of an empty file begins with e3b0c442. Empty folders do not count."""
    (tmp_path / "one" / "deep").mkdir(parents=True)
    (tmp_path / "one" / "deep" / "a").touch()
    (tmp_path / "one" / "b").write_text("b")
    assert digests.of_path(tmp_path / "one" / "deep" / "a") == "e3b0c44298fc1c14"
    found = [digests.of_path(tmp_path / "one")]
    (tmp_path / "one" / "empty").mkdir()
    assert digests.of_path(tmp_path / "one") == found[0]
    for name, other in (("deep/a", "a"), ("b", "deep/b")):
        (tmp_path / "one" / name).rename(tmp_path / "one" / other)
        found.append(digests.of_path(tmp_path / "one"))
    (tmp_path / "one" / "a").write_text("c")
    assert len({*found, digests.of_path(tmp_path / "one")}) == 4

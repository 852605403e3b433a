# environment: authoring
"""What is said before environments are made."""

from boxwright.environments import places, sizes


def test_the_sizes_were_measured_with_these_locks():
    """After a change of the locks: `make bench NAME=environments`."""
    measured = sizes.measured()
    assert {name: measured[name]["locks"] for name in places.NAMES} == {n: places.digest(n) for n in places.NAMES}
    assert all(int(measured[name][key]) > 0 for name in measured for key in ("download_mb", "installed_mb", "seconds"))


def test_says_what_is_installed_how_large_and_how_long(monkeypatch, tmp_path):
    monkeypatch.setenv("BOXWRIGHT_HOME", str(tmp_path / "new" / "home"))
    said = sizes.announcement(["data", "train"])
    total = sum(int(sizes.measured()[name]["download_mb"]) for name in ("data", "train"))
    assert f"data, train below {tmp_path}/new/home" in said and f"{total:,} MB to download" in said
    assert "to download" not in sizes.announcement(["data"], offline=True)

# environment: authoring
"""The fingerprint of a submitted run whose data is in a bucket. For local runs see tests/local/test_fingerprint.py."""

import pytest

from boxwright.cluster import commands
from boxwright.core.runtime.errors import UserError


@pytest.fixture
def archive(server, bucket):
    bucket.put("cells/instances.json", b"{}")
    bucket.put("cells/a.jpg", b"a")
    bucket.put("weights.npz", b"weights")
    return bucket


@pytest.fixture
def fingerprint(server):
    """The fingerprint of a new run with these flags; None without one."""

    def submitted(*flags: str) -> str | None:
        before = set(server.runs)
        commands.submit(["--data", "gs://archive/cells", *flags])
        (run_id,) = set(server.runs) - before
        return server.runs[run_id]["runtime_config"]["parameters"].get("fingerprint")

    return submitted


WEIGHTS = ("--set", "init=gs://archive/weights.npz")


@pytest.mark.parametrize("changed", ["cells/a.jpg", "cells/b.jpg", "weights.npz"])
def test_fingerprint_follows_the_bucket(archive, fingerprint, changed):
    first = fingerprint(*WEIGHTS)
    assert first and fingerprint(*WEIGHTS) == first
    archive.put(changed, b"other")
    assert fingerprint(*WEIGHTS) not in (first, None)
    assert not archive.times("read"), "only listings are read"


def test_a_name_is_bound_to_the_state_of_the_bucket(archive, server):
    flags = ["--data", "gs://archive/cells", "--name", "one"]
    commands.submit(flags)
    commands.submit(flags)
    assert len(server.runs) == 1
    archive.delete("cells/a.jpg")
    with pytest.raises(UserError, match="exists already, with other parameters"):
        commands.submit(flags)


def test_keeps_the_users_fingerprint(archive, fingerprint):
    assert fingerprint("--set", "fingerprint=mine") == "mine" and not archive.asked


@pytest.mark.parametrize("fault", [403, 503])
def test_warns_of_a_bucket_that_only_the_cluster_reads(archive, impatient, fingerprint, capsys, fault):
    archive.faults["list", ""] = [fault] * 100
    assert fingerprint() is None
    said = capsys.readouterr().err
    assert said.startswith("warning: gs://archive/cells ") and "give a new --set fingerprint=TEXT" in said


def test_rejects_data_that_does_not_exist(archive, server):
    with pytest.raises(UserError, match="gs://archive/cell: there is no object with this name and none below it"):
        commands.submit(["--data", "gs://archive/cell"])
    assert not server.requests

# environment: authoring
"""Reports of what is missing for each way of running."""

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.local import docker_engine, doctor


@pytest.mark.parametrize("host", ["http://[::1", "tcp://engine:port"])
def test_reports_a_docker_host_that_is_no_address(monkeypatch, host):
    monkeypatch.setenv("DOCKER_HOST", host)
    (check,) = doctor.in_docker()
    assert not check.ok and f"no Docker engine answers: DOCKER_HOST={host}: " in check.text
    with pytest.raises(UserError, match=r"--engine docker: no Docker engine answers \(DOCKER_HOST="):
        docker_engine.require(["boxwright/data:1"])


def test_names_the_registry_of_the_images(monkeypatch):
    monkeypatch.delenv("KFP_HOST", raising=False)
    monkeypatch.setenv("BOXWRIGHT_REGISTRY", "registry.example/boxwright")
    assert [check.text for check in doctor.on_cluster(doctor.Config())][1:] == [
        "images come from registry.example/boxwright/"
    ]

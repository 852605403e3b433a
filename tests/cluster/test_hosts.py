# environment: authoring
"""What stands at an address: KFP with or without TLS, behind a path, too old, not ready, or something else."""

import json
import time

import kfp_servers
import pytest
import web_servers

from boxwright.cluster import commands
from boxwright.cluster import server as connection
from boxwright.cluster.connection import health
from boxwright.cluster.connection.address import Address
from boxwright.cluster.server import Server
from boxwright.core.runtime.errors import UserError

DASHBOARD = "<!doctype html><html><title>Kubeflow Central Dashboard</title></html>"
DEX = '<html><form action="/dex/auth"><input type="password" name="password"></form></html>'


@pytest.mark.parametrize("around", ["{}", "{}/", " {}/ ", "{}/#/runs", "{}/apis/v2beta1/runs"])
def test_a_host_without_a_scheme_is_found(server, around):
    commands.status(["--host", around.format(server.url.removeprefix("http://"))])


@pytest.mark.parametrize(
    "page", ["/pipeline", "/pipeline/", "/pipeline/#/runs/details/7", "/_/pipeline/?ns=team#/runs"]
)
def test_a_path_as_browsers_show_it(server, page):
    real = server.answer
    server.answer = lambda method, path, *asked: (
        real(method, path.removeprefix("/pipeline"), *asked)
        if path.startswith("/pipeline/")
        else (404, "<html></html>")
    )
    commands.status(["--host", server.url + page])


@pytest.mark.parametrize(
    ("host", "urls"),
    [
        ("[::1]:8080", ["https://[::1]:8080", "http://[::1]:8080"]),
        ("kfp/pipeline/", ["https://kfp/pipeline", "http://kfp/pipeline"]),
        ("https://kfp:8443", ["https://kfp:8443"]),
        ("http://[::1]:8080/", ["http://[::1]:8080"]),
    ],
)
def test_addresses_to_try(host, urls):
    assert Address(host=host).urls == urls


@pytest.mark.parametrize("host", ["8080", ":8080", "::1", "http://:8080", "localhost:port", "localhost:0", "https://"])
def test_rejects_a_port_without_a_host(monkeypatch, host):
    monkeypatch.delenv("KFP_HOST", raising=False)
    with pytest.raises(UserError, match="this is not a server address; expected one such as http://localhost:8080"):
        Address(host=host).url  # noqa: B018


def test_a_server_with_its_own_certificate(tmp_path, monkeypatch):
    certificate = web_servers.write_certificate(tmp_path / "kfp.pem")
    monkeypatch.delenv("KFP_TOKEN", raising=False)
    with web_servers.serving(certificate) as files:
        files.add(f"/{health.PATH}", json.dumps(kfp_servers.health("2.17.0", ui=False)).encode())
        host = files.address.removeprefix("https://")
        with pytest.raises(UserError, match=r"https://\S+: its certificate is not trusted .*REQUESTS_CA_BUNDLE"):
            Server(Address(host=host))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert Server(Address(host=host)).url == files.address


def test_a_server_that_has_moved(monkeypatch):
    """As a gateway that sends http to https. The address is the new one from then on."""
    monkeypatch.delenv("KFP_TOKEN", raising=False)
    with web_servers.serving() as old, web_servers.serving() as new:
        found = new.add(f"/pipeline/{health.PATH}", json.dumps(kfp_servers.health("2.17.0", ui=False)).encode())
        old.add(f"/{health.PATH}", b"", status=301, Location=found)
        assert Server(Address(host=old.address)).url == f"{new.address}/pipeline"
    for elsewhere in ("https://elsewhere", "http://kfp"):
        assert health.moved("https://kfp", f"{elsewhere}/{health.PATH}") == "https://kfp"


def test_a_token_is_not_sent_in_the_clear_unasked():
    health.refuse_open_token("https://kfp")
    health.refuse_open_token("http://127.0.0.1:8080")
    with pytest.raises(UserError, match=r"others could read KFP_TOKEN on the way; write http:// before the host"):
        health.refuse_open_token("http://kfp:8080")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (DASHBOARD, r"a web page instead of KFP's answer.*in Kubeflow is /pipeline: --host \S+/pipeline$"),
        (DEX, "a sign-in page: set KFP_TOKEN, or renew it"),
    ],
)
def test_rejects_web_pages_at_once(server, page, said):
    server.answer = lambda *_: (200, page)
    with pytest.raises(UserError, match=said):
        commands.status([])
    assert len(server.requests) == 1


def test_a_path_that_is_given_is_not_proposed(server):
    server.answer = lambda *_: (200, DASHBOARD)
    with pytest.raises(UserError, match=r"lacks the path of KFP on this server$"):
        commands.status(["--host", f"{server.url}/pipeline"])


@pytest.mark.parametrize("ui", [True, False])
@pytest.mark.parametrize("tag", ["2.4.1", "2.14.3", "v1.8.22", "2.14.0-rc.1"])
def test_rejects_an_older_server_before_anything_is_sent(server, tag, ui):
    server.kind, server.ui = tag, ui
    for command in (["--data", "/pictures"], None):
        with pytest.raises(UserError, match=f"is KFP {tag}, but Boxwright's pipelines need 2.15 or newer"):
            commands.submit(command) if command else commands.upload([])
    assert {request.split()[0] for request in server.requests} == {"GET"}


@pytest.mark.parametrize("tag", ["2.15.0", "2.16.1", "v2.17.0", "2.100.0", "3.0.0", "master", "unknown"])
def test_accepts_a_newer_server_and_an_unknown_one(server, capsys, tag):
    server.kind = tag
    Server(Address()).require_version()
    assert not capsys.readouterr().err


@pytest.mark.parametrize("said", [{"tag_name": "unknown", "multi_user": False}, {"apiServerReady": True}])
def test_an_old_server_without_a_version(server, said):
    """Released images have the tag `unknown` up to 2.15.0. Those before 2.14 do not name their store."""
    server.answer = lambda *_: (200, said)
    with pytest.raises(UserError, match=r"is KFP before 2.14, but Boxwright's pipelines need 2.15 or newer"):
        commands.submit(["--data", "/pictures"])
    assert len(server.requests) == 1


def test_waits_for_an_api_server_behind_the_ui(server, capsys):
    real, answers = server.answer, [{"apiServerReady": False}, {"apiServerReady": False}]
    server.answer = lambda *asked: (200, answers.pop()) if answers else real(*asked)
    commands.status([])
    assert "KFP's UI answers, but its API server does not; retrying" in capsys.readouterr().err


UNKNOWN_USER = {"code": 16, "message": "Failed to authorize: User identity is empty in the request header"}
NO_HEADER = {"code": 13, "message": "Request header error: there is no user identity header."}


@pytest.mark.parametrize("answer", [(401, UNKNOWN_USER), (500, NO_HEADER), (500, "no user identity header")])
def test_a_missing_user_is_explained_at_once(server, answer):
    real = server.answer
    server.answer = lambda *asked: answer if "/runs" in asked[1] else real(*asked)
    with pytest.raises(
        UserError, match=r"does not know who you are: .*gateway's address .*KFP_TOKEN and your --namespace"
    ):
        commands.status([])
    assert len(server.requests) == 2


# Of `GetWorkspacePVC` in backend/src/v2/compiler/argocompiler/argo.go of KFP 2.15.0, as `CreateRun` wraps it.
NO_CLASS = (
    "Failed to generate the ExecutionSpec: Failed to compile job: workspace PVC spec must specify storageClassName"
)


@pytest.mark.parametrize(
    ("said", "explained"),
    [
        (NO_CLASS, "this server has no storage class for it: compile it without --workspace"),
        ("Failed to compile job: unknown", "answers 500: Failed to compile job: unknown"),
        ('admission webhook "quota" denied the request', "answers 500: admission webhook"),
    ],
)
def test_errors_about_the_run_are_explained_at_once(server, said, explained):
    real = server.answer
    server.answer = lambda *asked: (
        (500, {"code": 13, "message": said}) if asked[:2] == ("POST", "/apis/v2beta1/runs") else real(*asked)
    )
    with pytest.raises(UserError, match=explained):
        commands.submit(["--data", "/pictures"])
    assert sum(request == "POST /apis/v2beta1/runs" for request in server.requests) == 1


def test_error_500_of_a_creation_is_not_retried_for_long(server, monkeypatch):
    monkeypatch.setattr(connection, "CREATION", 0.3)
    real, begin = server.answer, time.monotonic()
    server.answer = lambda *asked: (
        (500, {"message": "Failed to create"}) if asked[0] == "POST" and asked[1].endswith("/runs") else real(*asked)
    )
    address = Server(Address())
    with pytest.raises(UserError, match="answers 500: Failed to create"):
        address.create(lambda: None, lambda: address.client.run_pipeline("e", "one", pipeline_id="p", version_id="v"))
    assert time.monotonic() - begin < 5
    assert sum(request.startswith("POST") for request in server.requests) > 1


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_answers_that_can_pass_are_waited_for(server, status):
    real, left = server.answer, [status] * 3
    server.answer = lambda *asked: (left.pop(), "<html>busy</html>") if left else real(*asked)
    commands.status([])
    assert not left


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 422, 501, 505])
def test_answers_that_cannot_pass_are_not_repeated(server, status):
    server.answer = lambda *_: (status, "<html>no</html>")
    with pytest.raises(UserError, match=f" {status}"):
        commands.status([])
    assert len(server.requests) == 1


def test_the_ui_for_several_users_asks_for_a_namespace(server):
    commands.submit(["--data", "/pictures"])
    (run,) = server.runs
    real = server.answer
    server.answer = lambda *asked: (422, "podnamespace argument is required") if "pod" in asked[1] else real(*asked)
    with pytest.raises(UserError, match=r"422 \(podnamespace argument is required\): give your --namespace"):
        commands.logs([run, "--step", "convert"])

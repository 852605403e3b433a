# environment: authoring
"""The connection to a server: address, token, responses from other servers, and errors."""

import ssl

import pytest
import requests
import urllib3

from boxwright.cluster import commands, request_errors, runs
from boxwright.cluster import server as connection
from boxwright.cluster.connection.address import Address
from boxwright.cluster.server import Server
from boxwright.core.runtime.errors import UserError


def test_rejects_no_server(monkeypatch):
    monkeypatch.delenv("KFP_HOST", raising=False)
    with pytest.raises(UserError, match="KFP_HOST"):
        commands.status([])


def test_rejects_an_address_where_nothing_listens(server, monkeypatch):
    monkeypatch.setenv("KFP_HOST", "http://127.0.0.1:9")
    with pytest.raises(UserError, match=r"no KFP server answers at http://127.0.0.1:9 \(Connection refused\);"):
        commands.status([])


def test_sends_the_token(server, monkeypatch):
    server.token = "let-me-in"
    with pytest.raises(UserError, match="KFP_TOKEN"):
        commands.status([])
    monkeypatch.setenv("KFP_TOKEN", "let-me-in")
    commands.status([])


def test_rejects_an_old_server(server):
    server.answer = lambda *_: (404, {"message": "Not Found"})
    with pytest.raises(UserError, match=r"older than KFP 2\.0"):
        commands.status([])


def test_rejects_a_sign_in_page(server):
    server.answer = lambda *_: (200, "<html>sign in</html>")
    with pytest.raises(UserError, match="sign-in page"):
        commands.status([])


def test_gives_up_on_a_server_that_stays_broken(server, monkeypatch):
    monkeypatch.setattr(connection, "GIVE_UP", 0.5)
    server.faults = dict.fromkeys(range(1000), "500 before")
    with pytest.raises(UserError, match="500"):
        commands.status([])


def test_a_broken_listing_starts_again(server, capsys):
    for _ in range(2):
        commands.submit(["--data", "/pictures/cells"])
    server.requests.clear()
    server.faults = {1: "500 before"}
    assert len(runs.recent(Server(Address()), 10)) == 2
    assert "warning: " in (said := capsys.readouterr().err) and "the database is away; retrying" in said


def test_waits_for_a_port_forward_that_restarts(server):
    address, away = Server(Address()), [ConnectionRefusedError(), ConnectionRefusedError()]

    def ask() -> str:
        if away:
            raise away.pop()
        return "back"

    assert address.call(ask) == "back"


@pytest.mark.parametrize("host", ["http://", "ftp://kfp", "http://[::1", " # "])
def test_rejects_a_text_that_is_no_address(monkeypatch, host):
    monkeypatch.delenv("KFP_HOST", raising=False)
    with pytest.raises(UserError, match=r"--host .*expected one such as|no server address"):
        Address(host=host).urls  # noqa: B018


@pytest.mark.parametrize("around", ["{}/", " {}", "{}/#/pipelines/details/7"])
def test_accepts_an_address_as_browsers_copy_it(server, around):
    commands.status(["--host", around.format(server.url)])


def test_rejects_a_server_without_tls(server):
    with pytest.raises(UserError, match=r"does not speak TLS \(WRONG_VERSION_NUMBER\); is its address http://"):
        commands.status(["--host", server.url.replace("http", "https")])


def test_an_untrusted_certificate_is_not_retried(server):
    distrust = ssl.SSLCertVerificationError(1, "certificate verify failed")
    distrust.verify_message = "self-signed certificate"
    error = requests.exceptions.SSLError(
        urllib3.exceptions.MaxRetryError(urllib3.HTTPSConnectionPool("kfp"), "/", urllib3.exceptions.SSLError(distrust))
    )
    assert not request_errors.is_transient(error)
    assert "self-signed certificate); name the file with its authority in REQUESTS_CA_BUNDLE" in str(
        request_errors.explained("https://kfp", error)
    )
    assert request_errors.is_transient(requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred")))


def test_rejects_a_missing_file_of_certificates(server, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such.pem")
    with pytest.raises(UserError, match=r"TLS CA certificate bundle, invalid path: /no/such\.pem"):
        commands.status(["--host", server.url.replace("http", "https")])


@pytest.mark.parametrize(
    ("before", "headers"), [("http://me:secret@", {"Proxy-Authorization": "Basic bWU6c2VjcmV0"}), ("", {})]
)
def test_uses_the_proxy(server, monkeypatch, before, headers):
    """The stand-in answers requests for a whole address, as a proxy does. Without the proxy, kfp.invalid is unknown."""
    monkeypatch.setenv("KFP_HOST", "http://kfp.invalid")
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url.replace("http://", before))
    commands.status([])
    assert len(server.requests) == 2
    pool = Server(Address()).api.rest_client.pool_manager
    assert pool.proxy_headers == headers


@pytest.mark.parametrize(("token", "sent"), [(" let-me-in\r\n", True), ("let-\nme", False), ("let\u2013me", False)])
def test_a_badly_copied_token(server, monkeypatch, token, sent):
    server.token = "let-me-in"
    monkeypatch.setenv("KFP_TOKEN", token)
    if sent:
        return commands.status([])
    with pytest.raises(UserError, match="KFP_TOKEN is not a token: it has a line break or a character outside ASCII"):
        commands.status([])


def test_an_expired_token_ends_the_waiting(server, monkeypatch):
    """A gateway sends its sign-in page with status 200. The run continues."""
    commands.submit(["--data", "/pictures/cells"])
    (run_id,) = server.runs
    server.runs[run_id]["state"], real = "RUNNING", server.answer

    def pause(_) -> None:
        server.answer = lambda *asked: (200, "<html>sign in</html>") if "/runs" in asked[1] else real(*asked)

    monkeypatch.setattr(runs.time, "sleep", pause)
    with pytest.raises(
        UserError,
        match=rf"the run itself continues \(wait again with `boxwright status {run_id} --wait`\): .*a sign-in page",
    ):
        commands.status([run_id, "--wait"])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((400, {"error_message": "not allowed", "error_details": "..."}), "answers 400: not allowed"),
        ((400, {"code": 3, "message": "no namespace"}), "answers 400: no namespace"),
        ((403, {"code": 7, "message": "may not list runs"}), r"denies access: 403 \(may not list runs\)"),
        ((404, {"code": 5, "message": "Run 7 not found"}), r"not found: 404 \(Run 7 not found\)"),
        ((413, "<html>large</html>"), "answers 413: Request Entity Too Large"),
    ],
)
def test_errors_hold_the_servers_message(server, answer, said):
    real = server.answer
    server.answer = lambda *asked: answer if "/runs" in asked[1] else real(*asked)
    with pytest.raises(UserError, match=said):
        commands.status([])

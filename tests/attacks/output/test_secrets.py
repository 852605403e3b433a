# environment: authoring
"""The password and the signature of an address stand in no file, message or process list (attack 06)."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import web_servers as servers
from kfp import dsl
from rich.console import Console
from small_steps import container

from boxwright import cli
from boxwright.cluster import commands, parameters, request_errors, runs
from boxwright.cluster.connection.address import Address
from boxwright.cluster.server import Server
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch, uri
from boxwright.lineage import command, graph, mermaid, records
from boxwright.local import kfp_local

SECRETS = ("PASSWRD", "TOPSECRET")
# A step that fetches its weights as train does, and also keeps its own command line.
FETCH = """
import pathlib, sys
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.step_io import Result, run_and_emit
from boxwright.core.storage import fetch
init, out, executor_input = sys.argv[1:]
def run():
    pathlib.Path(out).parent.mkdir(parents=True, exist_ok=True)
    words = pathlib.Path("/proc/self/cmdline").read_bytes().decode()
    pathlib.Path(out).write_text(fetch.file(init).read_text() + words)
    return Result(artifacts={"made": {}})
try:
    run_and_emit(run, executor_input)
except UserError as error:
    print(f"\\nerror: boxwright fetch: {error}", file=sys.stderr)
    sys.exit(2)
"""


@dsl.container_component
def fetched(init: str, made: dsl.Output[dsl.Dataset]):
    return container(FETCH, init, made.path)


@dsl.pipeline(name="fetching")
def fetching(init: str):
    fetched(init=init)


@pytest.fixture
def https(tmp_path, monkeypatch):
    certificate = servers.write_certificate(tmp_path / "localhost.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("BOXWRIGHT_URLS", raising=False)
    monkeypatch.setattr("boxwright.core.storage.web._BACKOFF", 0.01)
    with servers.serving(certificate) as files:
        yield files
    os.environ.pop("BOXWRIGHT_URLS", None)


def with_secrets(address: str) -> str:
    return address.replace("://", "://user:PASSWRD@") + "?X-Goog-Signature=TOPSECRET"


def files_with_secrets(*folders: Path) -> list[str]:
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    assert files
    return [str(file) for file in files if any(secret.encode() in file.read_bytes() for secret in SECRETS)]


def test_a_run_with_a_secret_address_keeps_it_nowhere(https, tmp_path, capfd):
    address = https.add("/w.npz", b"weights")
    out = tmp_path.resolve() / "run"
    (init,) = uri.hide([with_secrets(address)])
    assert init == address
    tasks = kfp_local.run(fetching, {"init": init}, out, Console())
    made = (out / tasks[0].outputs["made"].path).read_text()
    assert made.startswith("weights") and address in made
    asked, headers = https.asked[0]
    assert asked == "/w.npz?X-Goog-Signature=TOPSECRET" and headers["Authorization"].startswith("Basic ")
    show(out, tmp_path)
    shown = capfd.readouterr()
    assert not files_with_secrets(out, tmp_path / "cache", tmp_path / "shown")
    assert not any(secret in shown.out + shown.err for secret in SECRETS)
    assert tasks[0].parameters == {"init": address}


def show(out: Path, tmp_path: Path) -> None:
    """Writes every view of a run's lineage into `shown`."""
    made = graph.build(records.read(out))
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "picture.md").write_text(mermaid.markdown(made))
    command.main([str(out), "--openlineage", str(tmp_path / "shown" / "events.jsonl")])
    command.main([str(out)])


@pytest.mark.parametrize("fault", ["denied", "absent", "no host", "downgrade", "busy", "cut", "distrusted"])
def test_a_failed_run_keeps_no_secret(https, tmp_path, capfd, fault, monkeypatch):
    address = https.add("/w.npz", b"weights", {"denied": 403, "busy": 503}.get(fault, 200))
    if fault == "downgrade":
        https.add("/w.npz", b"", 302, Location="http://user:PASSWRD@localhost/?token=TOPSECRET")
    if fault == "cut":
        https.add("/w.npz", b"weights", Content_Length="99")
    if fault == "distrusted":
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    address = {"absent": address + "x", "no host": "https://localhost.invalid/w.npz"}.get(fault, address)
    out = tmp_path.resolve() / "run"
    with pytest.raises(UserError, match=r"cannot be fetched|which is not https") as error:
        kfp_local.run(fetching, {"init": uri.hide([with_secrets(address)])[0]}, out, Console())
    show(out, tmp_path)
    assert records.read(out)[0].error
    shown = capfd.readouterr()
    assert not files_with_secrets(out, tmp_path / "shown")
    assert not any(secret in str(error.value) + shown.out + shown.err for secret in SECRETS)


def test_a_whole_address_from_the_environment(https, monkeypatch):
    """The command line, and so the process list, has the address alone."""
    address = https.add("/w.npz", b"weights")
    monkeypatch.setenv("BOXWRIGHT_URLS", f"https://me:other@else/a {with_secrets(address)}")
    assert fetch.file(address).read_bytes() == b"weights"
    assert {asked for asked, _ in https.asked} == {"/w.npz?X-Goog-Signature=TOPSECRET"}


def test_a_whole_address_from_the_secret_of_a_pod(https, monkeypatch, tmp_path):
    address = https.add("/w.npz", b"weights")
    (tmp_path / "urls").write_text(f"{with_secrets(address)}\n")
    monkeypatch.setattr(uri, "_ADDRESSES_FILE", tmp_path / "urls")
    assert fetch.file(address).read_bytes() == b"weights"
    assert {asked for asked, _ in https.asked} == {"/w.npz?X-Goog-Signature=TOPSECRET"}


def test_hides_addresses_in_all_forms(monkeypatch):
    monkeypatch.delenv("BOXWRIGHT_URLS", raising=False)
    pin = "#sha256=" + "0" * 64
    words = ["--init", f"https://u:p@h/a?sig=s{pin}", "--label-map=HTTPS://h/b?c"]
    words += ["a?b", "gs://b/c#d", "https://h/plain", '{"i": "https://u:p@h"}']
    assert uri.hide(words) == ["--init", f"https://h/a{pin}", "--label-map=HTTPS://h/b", *words[3:]]
    assert uri.whole(f"https://h/a{pin}") == "https://u:p@h/a?sig=s" and uri.whole("HTTPS://h/b") == "HTTPS://h/b?c"
    assert uri.whole("https://h/plain") == "https://h/plain"
    os.environ.pop("BOXWRIGHT_URLS")


def test_addresses_that_differ_only_in_their_query(monkeypatch):
    monkeypatch.delenv("BOXWRIGHT_URLS", raising=False)
    with pytest.raises(UserError, match="two addresses differ only after the"):
        uri.hide(["https://h/a?id=1", "https://h/a?id=2"])


def test_a_misspelt_flag_does_not_print_the_address():
    words = ["diagnose", "--data", "x", "--inot", "https://user:PASSWRD@h/w.npz?sig=TOPSECRET"]
    code = "import sys; from boxwright import cli; sys.argv[0] = 'boxwright'; cli.main()"
    ended = subprocess.run([sys.executable, "-P", "-c", code, *words], capture_output=True, text=True)
    assert ended.returncode == 2 and "--inot" in ended.stdout + ended.stderr
    assert "BOXWRIGHT_URLS" in ended.stderr
    assert not any(secret in ended.stdout + ended.stderr for secret in SECRETS)


def test_the_list_of_processes_soon_has_no_secret(https):
    """The process starts again with other words before it asks a server, here the one of `boxwright status`."""
    lists: list[str] = []

    def answer(request) -> None:
        lists.append("")
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):  # the process has ended
                lists[-1] += file.read_bytes().decode(errors="replace")
        request.send_error(403)

    https.routes["/apis/v2beta1/healthz"] = answer
    code = "from boxwright.cli import main; main()"
    line = [sys.executable, "-P", "-c", code, "status", "--host", https.address.replace("://", "://user:PASSWRD@")]
    ended = subprocess.run(line, capture_output=True, text=True)
    assert ended.returncode == 2 and "denies access: 403" in ended.stderr, ended.stderr
    assert len(lists) == 1 and https.address in lists[0] and "PASSWRD" not in lists[0] + ended.stderr
    assert ended.stderr.count("warning: ") == 1


def test_a_task_of_a_cluster_keeps_its_words(monkeypatch):
    """Kubeflow shows them anyway. The next task gets the address from this one."""
    monkeypatch.delenv("BOXWRIGHT_URLS", raising=False)
    words = ["--init", "https://h/a?download=true", "--executor-input", "{}"]
    assert cli.without_addresses(words) == words and "BOXWRIGHT_URLS" not in os.environ


def test_a_traceback_has_no_secret():
    code = "import sys; from boxwright import cli; sys.argv = ['boxwright', '--version']; cli.main();"
    code += "raise OSError('Max retries exceeded with url: /w.npz?X-Goog-Signature=TOPSECRET')"
    ended = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    last = ended.stderr.splitlines()[-1]
    assert "Max retries exceeded with url: /w.npz" in last and "TOPSECRET" not in last


@pytest.mark.parametrize("flag", ["init", "label_map", "expected_schema"])
def test_submit_refuses_a_secret_address(flag):
    with pytest.raises(UserError, match="everybody who sees the run in Kubeflow could read it") as error:
        parameters.check({"data": "gs://a/b", flag: with_secrets("https://h/a")})
    assert "https://h/a" in str(error.value) and not any(secret in str(error.value) for secret in SECRETS)


def test_old_records_with_secrets_are_shown_without(tmp_path, capsys):
    task = {"name": "a", "cached": False, "seconds": 1.0, "inputs": {}, "outputs": {}}
    task |= {"error": f"403 for url: {with_secrets('https://h/a')}"}
    task |= {"parameters": {"init": with_secrets("https://h/a"), "more": [with_secrets("https://h/b")]}}
    (tmp_path / "lineage.json").write_text(json.dumps({"tasks": [task]}))
    show(tmp_path, tmp_path)
    assert "https://h/a" in (tmp_path / "shown" / "events.jsonl").read_text()
    assert not files_with_secrets(tmp_path / "shown")
    assert not any(secret in capsys.readouterr().out for secret in SECRETS)


def test_the_address_of_a_server_may_have_a_password(monkeypatch):
    monkeypatch.delenv("BOXWRIGHT_URLS", raising=False)
    monkeypatch.setenv("KFP_HOST", "https://user:HOSTPASS@kfp/pipeline")
    assert Address().url == "https://user:HOSTPASS@kfp/pipeline"
    _, host = uri.hide(["--host", "https://user:HOSTPASS@other"])
    assert host == "https://other" and Address(host=host).url == "https://user:HOSTPASS@other"
    os.environ.pop("BOXWRIGHT_URLS")


def test_a_token_stays_with_its_server(monkeypatch):
    """Neither requests nor kfp's client sends it after a redirect to another host or port."""
    monkeypatch.setenv("KFP_TOKEN", "TOPSECRET")
    with servers.serving() as first, servers.serving() as other:
        monkeypatch.setenv("KFP_HOST", first.address)
        first.add("/apis/v2beta1/runs", b"", 302, Location=other.add("/runs", b"{}", Content_Type="application/json"))
        first.add("/apis/v2beta1/healthz", b"", 302, Location=other.add("/health", b"{}"))
        commands.status([])
        assert [headers["Authorization"] for _, headers in first.asked if "Authorization" in headers]
        assert other.asked and all("TOPSECRET" not in str(headers) for _, headers in other.asked)


@pytest.mark.parametrize("proxy", ["http://user:PASSWRD@localhost:1", "user:PASSWRD@localhost:1"])
def test_the_password_of_a_proxy_is_not_printed(monkeypatch, proxy, tmp_path):
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("https_proxy", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setattr(request_errors, "is_transient", lambda error: False)
    for ask in (lambda: fetch.file("https://h.invalid/a"), lambda: Server(Address(host="http://h.invalid"))):
        with pytest.raises(UserError) as error:
            ask()
        assert "PASSWRD" not in str(error.value)


def test_the_password_of_a_server_is_not_printed(monkeypatch, capsys):
    with servers.serving() as server:
        monkeypatch.setenv("KFP_HOST", server.address.replace("://", "://user:HOSTPASS@"))
        server.add("/apis/v2beta1/healthz", b"{}", Content_Type="application/json")
        server.add("/apis/v2beta1/runs", b'{"message": "no token=TOPSECRET"}', 403, Content_Type="application/json")
        with pytest.raises(UserError, match="denies access: 403") as error:
            commands.status([])
        assert "HOSTPASS" not in str(error.value) and "TOPSECRET" not in str(error.value)
        assert "HOSTPASS" not in Server(Address()).url


def test_a_log_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(runs, "LOG_BYTES", 1000)
    with servers.serving() as server, pytest.raises(UserError, match="holds more than 1000 bytes"):
        monkeypatch.setenv("KFP_HOST", server.address)
        server.add("/apis/v2beta1/healthz", b"{}")
        server.add("/log", bytes(5000))
        runs._text(Server(Address()), "log", {})

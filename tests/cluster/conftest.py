"""A stand-in for a KFP server with its UI and its API, on loopback, with faults. It executes runs with kfp.local."""

import email
import io
import json
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlparse

import kfp_servers
import pytest
import yaml
from argo import now, task

# Seconds: how long the client waits for a response, and how long a slow response takes.
ANSWER, SLOW = 0.25, 0.35
FAULTS = ("reset before", "reset after", "500 before", "500 after", "slow", "half an answer")


@dataclass
class StandIn:
    """State of the server.

    kind: the server that it plays. execute(spec, parameters) -> (state, tasks): executes a run. faults: by the number of the
    request. token: required in requests unless empty. ui: whether requests go to the UI, as through a port-forward, or to the
    API. logs: by pod.
    """

    execute: Callable
    kind: kfp_servers.Kind = "2.15.0"
    faults: dict[int, str] = field(default_factory=dict)
    token: str = ""
    ui: bool = True
    pipelines: dict = field(default_factory=dict)
    versions: dict = field(default_factory=dict)
    experiments: dict = field(default_factory=dict)
    runs: dict = field(default_factory=dict)
    logs: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    def answer(self, method: str, path: str, query: dict, headers, body: bytes) -> tuple[int, object]:
        """Status and JSON of the response, as in api/v2beta1 of the KFP server."""
        path = path.removeprefix("/apis/v2beta1")
        one = re.fullmatch(r"/(pipelines|experiments|runs)/([\w-]+)", path)
        if path == "/healthz":
            return 200, kfp_servers.health(self.kind, self.ui)
        if method == "POST" and path in ("/pipelines", "/experiments", "/runs"):
            return self.made(path[1:], json.loads(body))
        if path == "/pipelines/upload_version":
            return self.version(query["pipelineid"][0], query["name"][0], headers, body)
        if found := re.fullmatch(r"/pipelines/([\w-]+)/versions", path):
            mine = [v for v in self.versions.values() if v["pipeline_id"] == found[1]]
            return 200, self.listed("pipeline_versions", mine, query)
        if method == "GET" and path in ("/pipelines", "/experiments", "/runs"):
            mine = list(getattr(self, path[1:]).values())
            if "experiment_id" in query and path == "/runs":
                mine = [run for run in mine if run["experiment_id"] == query["experiment_id"][0]]
            return 200, self.listed(path[1:], [{k: v for k, v in one.items() if k != "tasks"} for one in mine], query)
        if self.ui and path == "/k8s/pod/logs" and query["runid"][0] in self.runs:
            found = self.logs.get(query["podname"][0])
            return (
                (200, found)
                if found
                else (500, "Could not get main container logs: Error: Unable to retrieve workflow")
            )
        if not self.ui and (found := re.fullmatch(r"/apis/v1alpha1/runs/[\w-]+/nodes/([\w-]+)/log", path)):
            found = self.logs.get(found[1])
            return (
                (200, found) if found else (500, {"error_message": "Failed to read logs from pod", "error_details": ""})
            )
        if found := re.fullmatch(r"/runs/([\w-]+):terminate", path):
            self.runs[found[1]]["state"] = "CANCELED"
            return 200, {}
        if one and one[1] == "runs" and one[2] in self.runs and method == "GET":
            run = self.runs[one[2]]
            spec = self.versions.get(run["pipeline_version_reference"]["pipeline_version_id"], {})
            return 200, kfp_servers.viewed(run, query, spec.get("pipeline_spec", {}))
        if one and one[2] in getattr(self, one[1]):
            return 200, getattr(self, one[1]).pop(one[2]) if method == "DELETE" else getattr(self, one[1])[one[2]]
        return 404, {"code": 5, "message": f"{method} {path} not found"}

    def made(self, kind: str, body: dict) -> tuple[int, object]:
        mine = getattr(self, kind)
        if kind != "runs" and any(item["display_name"] == body["display_name"] for item in mine.values()):
            return 409, {"code": 6, "message": f"{body['display_name']} already exists"}
        key = {"pipelines": "pipeline_id", "experiments": "experiment_id", "runs": "run_id"}[kind]
        item = body | {key: str(uuid.uuid4()), "created_at": now()}
        if kind == "runs":
            item |= {"state": "PENDING", "storage_state": "AVAILABLE"}
        mine[item[key]] = item
        if kind == "runs":
            threading.Thread(target=self.run, args=(item,), daemon=True).start()
        return 200, item

    def version(self, pipeline: str, name: str, headers, body: bytes) -> tuple[int, object]:
        if any(v["display_name"] == name and v["pipeline_id"] == pipeline for v in self.versions.values()):
            return 409, {"code": 6, "message": f"{name} already exists"}
        form = email.message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
        text = next(part.get_payload(decode=True) for part in form.walk() if not part.is_multipart())
        assert isinstance(text, bytes)
        spec, *platform = yaml.load_all(text, Loader=yaml.CSafeLoader)
        item = {"pipeline_id": pipeline, "pipeline_version_id": str(uuid.uuid4()), "display_name": name, "name": name}
        item |= {"created_at": now(), "pipeline_spec": {"pipeline_spec": spec, "platform_spec": (platform or [{}])[0]}}
        self.versions[item["pipeline_version_id"]] = item
        return 200, item

    def listed(self, kind: str, items: list, query: dict) -> dict:
        """A page, newest first. It is shorter than requested, as the API allows."""
        if "filter" in query:
            for one in json.loads(unquote(query["filter"][0]))["predicates"]:
                items = [
                    i for i in items if i.get("display_name") == (one.get("stringValue") or one.get("string_value"))
                ]
        items = sorted(items, key=lambda item: item["created_at"], reverse=True)
        start = int(query.get("page_token", ["0"])[0] or 0)
        size = min(3, int(query.get("page_size", ["10"])[0]))
        more = {"next_page_token": str(start + size)} if start + size < len(items) else {}
        return {kind: items[start : start + size], "total_size": len(items)} | more

    def run(self, run: dict) -> None:
        run["state"] = "RUNNING"
        version = self.versions[run["pipeline_version_reference"]["pipeline_version_id"]]
        state, tasks = self.execute(version["pipeline_spec"], run.get("runtime_config", {}).get("parameters", {}))
        run |= kfp_servers.recorded(self.kind, tasks)
        if state == "FAILED":
            run["error"] = {"code": 2, "message": "a task failed"}
        run["finished_at"] = now()
        if run["state"] == "RUNNING":
            run["state"] = state


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # otherwise each response waits 40 ms for an acknowledgement
    stand_in: StandIn

    def log_message(self, format, *args):
        pass

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = urlparse(self.path)
        stand_in = self.stand_in  # of this request, even if the next test sets another one
        with stand_in.lock:
            fault = stand_in.faults.get(len(stand_in.requests), "")
            stand_in.requests.append(f"{self.command} {address.path} {fault}".strip())
            if stand_in.token and self.headers.get("Authorization") != f"Bearer {stand_in.token}":
                return self.say(401, {"message": "unauthenticated"})
            if fault == "reset before":
                return self.reset()
            if fault == "500 before":
                return self.say(500, {"message": "the database is away"})
            status, answer = stand_in.answer(self.command, address.path, parse_qs(address.query), self.headers, body)
            if fault == "reset after":
                return self.reset()
            if fault == "500 after":
                return self.say(500, {"message": "the database is away"})
        if fault == "slow":
            time.sleep(SLOW)
        self.say(status, answer, half=fault == "half an answer")

    do_GET = do_POST = do_DELETE = serve

    def say(self, status: int, answer: object, half: bool = False) -> None:
        data = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain" if isinstance(answer, str) else "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with suppress(OSError):  # the client no longer waits
            self.wfile.write(data[: len(data) // 2] if half else data)
        if half:
            self.close_connection = True

    def reset(self) -> None:
        self.close_connection = True


def at_once(spec: dict, parameters: dict) -> tuple[str, list[dict]]:
    """Executes nothing. For tests of starting a run."""
    return "SUCCEEDED", [task("convert", "SUCCEEDED")]


def through_kfp_local(folder: Path) -> Callable:
    """Executes the uploaded graph with kfp.local, its steps in the host environments, below `folder`."""
    from kfp import components
    from rich.console import Console

    from boxwright.core.runtime.errors import UserError
    from boxwright.lineage import records
    from boxwright.local import kfp_local

    def execute(spec: dict, parameters: dict) -> tuple[str, list[dict]]:
        out = folder / str(len(list(folder.iterdir())))
        graph = components.load_component_from_text(yaml.safe_dump_all([spec["pipeline_spec"], spec["platform_spec"]]))
        with suppress(UserError, kfp_local.StepCrashed):  # the record of the tasks holds it
            kfp_local.run(graph, parameters, out, Console(file=io.StringIO()))
        recorded = records.read(out)
        tasks = [task(t.name.replace(" ", "-"), "FAILED" if t.error else "SUCCEEDED") for t in recorded]
        return "FAILED" if any(t.error for t in recorded) else "SUCCEEDED", tasks

    return execute


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of the server that all tests share. It answers for Handler.stand_in."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        http_server.daemon_threads = True
        threading.Thread(target=http_server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http_server.server_port}"
        http_server.shutdown()


@pytest.fixture
def server(monkeypatch, address) -> StandIn:
    """An empty server without faults. Its address is in KFP_HOST."""
    from boxwright.cluster import server as connection

    for name, value in (("ANSWER", ANSWER), ("FIRST_PAUSE", 0.01), ("LONGEST_PAUSE", 0.1), ("GIVE_UP", 20.0)):
        monkeypatch.setattr(connection, name, value)
    Handler.stand_in = StandIn(at_once, url=address)
    monkeypatch.setenv("KFP_HOST", address)
    monkeypatch.delenv("KFP_TOKEN", raising=False)
    return Handler.stand_in


def schedule(seed: int, share: float = 0.4, requests: int = 60) -> dict[int, str]:
    """Faults of one seed: request number -> fault."""
    chance = random.Random(seed)
    return {number: chance.choice(FAULTS) for number in range(requests) if chance.random() < share}


@pytest.fixture(params=kfp_servers.KINDS)
def each_server(request, server) -> StandIn:
    """One server of each kind: see support/kfp_servers.py."""
    server.kind = request.param
    return server


@pytest.fixture
def table(capsys) -> Callable[[], list[str]]:
    """The rows of the table that was printed last, without its lines."""

    def read() -> list[str]:
        return [
            " ".join(line.replace("│", " ").split()) for line in capsys.readouterr().out.splitlines() if "│" in line
        ]

    return read


@pytest.fixture
def executed():
    return through_kfp_local


@pytest.fixture
def faults():
    return schedule


@pytest.fixture(scope="session")
def graph_file(tmp_path_factory) -> Path:
    from boxwright.cluster.compile import compile_to

    return compile_to(tmp_path_factory.mktemp("graph"), "finetune")

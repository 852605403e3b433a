# environment: authoring
"""Views of a run's records: up- and downstream, text, flowchart, OpenLineage events."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from openlineage.client.event_v2 import RunState
from openlineage.client.generated.base import RunEvent

from boxwright.core.runtime.errors import UserError
from boxwright.lineage import command, events, graph, mermaid, records
from boxwright.lineage.records import Artifact, Task

MADE_BY = {"version": "0.1.0", "source": "0123456789ab", "image": "boxwright/data:0.1.0-0123456789ab", "seed": 0.0}


def task(name: str, inputs: dict[str, str], outputs: dict[str, str], **more: Any) -> Task:
    """inputs: name -> path; outputs: name -> digest."""
    made = {key: Artifact(path=f"steps/p-1/{name}/{key}", digest=d, metadata=MADE_BY) for key, d in outputs.items()}
    fields: dict[str, Any] = {"cached": False, "seconds": 2.5, "parameters": {}, "pipeline": "p-of-words"}
    fields |= {"started": "2026-11-01T10:00:00.000+00:00"} | more
    return Task(name=name, inputs={key: f"steps/p-1/{path}" for key, path in inputs.items()}, outputs=made, **fields)


# a -> b -> d, a -> c -> d. c also makes an artifact that nothing reads.
TASKS = [
    task("a", {}, {"x": "aaaa1111"}, parameters={"data": "gs://bucket/images", "fingerprint": "f1", "seed": 0}),
    task("b", {"x": "a/x"}, {"y": "bbbb1111"}, cached=True),
    task("c", {"x": "a/x"}, {"y": "cccc1111", "page": "cccc2222"}),
    task("d", {"one": "b/y", "two": "c/y"}, {"end": "dddd1111"}),
]


@pytest.fixture
def out(tmp_path):
    records.write(TASKS, tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("artifact", "up", "down"),
    [
        ("a.x", set(), {"b.y", "c.y", "c.page", "d.end"}),
        ("b.y", {"a.x"}, {"d.end"}),
        ("c.page", {"a.x"}, set()),
        ("d.end", {"a.x", "b.y", "c.y"}, set()),
    ],
)
def test_up_and_downstream(artifact, up, down):
    made = graph.build(TASKS)
    assert (made.upstream([artifact]), made.downstream([artifact])) == (up, down)


def test_metrics_take_their_origin_from_their_task():
    measured = task("e", {}, {"evaluation": "ffff1111"})
    measured.outputs["confusion"] = Artifact(path="steps/p-1/e/confusion", digest="ffff2222", metadata={"rows": []})
    assert measured.origin == MADE_BY


def test_tasks_of_one_name_are_numbered():
    made = graph.build([TASKS[0], TASKS[1], task("b", {"x": "a/x"}, {"z": "eeee1111"})])
    assert list(made.artifacts) == ["a.x", "b.y", "b#2.z"] and made.readers("a.x") == ["b", "b#2"]


@pytest.mark.parametrize(
    "what", ["c.page", "steps/p-1/c/page", "steps/p-1/c/page/", "cccc2", "cccc2222", "OUT/steps/p-1/c/page"]
)
def test_artifact_by_name_path_or_digest(out, what):
    assert graph.find(graph.build(TASKS), what.replace("OUT", str(out)), out) == "c.page"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("c.pgae", "no artifact of the run has this name, path or digest; it has a.x, b.y, c.y, c.page, d.end"),
        ("cccc", "--artifact cccc: c.y and c.page have this digest"),
        ("aaa", "no artifact of the run has this name"),
        ("", "no artifact of the run has this name"),
    ],
)
def test_rejects_no_artifact_and_several(out, what, said):
    with pytest.raises(UserError, match=said):
        graph.find(graph.build(TASKS), what, out)


def printed(capsys, *argv) -> str:
    command.main([str(a) for a in argv])
    return capsys.readouterr().out


def test_text_of_a_run(out, capsys):
    shown = printed(capsys, out)
    assert (
        "b 2.5 s, kept from an earlier run" in shown
        and "← two from c.y" in shown
        and "data=gs://bucket/images" in shown
    )


def test_text_of_an_artifact(out, capsys):
    both = printed(capsys, out, "--artifact", "b.y")
    assert both.index("made from") < both.index("a.x") < both.index("used for") < both.index("d.end")
    assert "source=0123456789ab" in both and "c.page" not in both
    assert "used for" not in printed(capsys, out, "--artifact", "b.y", "--direction", "up")
    assert "made from" not in printed(capsys, out, "--artifact", "b.y", "--direction", "down")
    assert "used for nothing" in printed(capsys, out, "--artifact", "d.end")


def test_a_failed_task_stays_in_the_records(tmp_path, capsys):
    records.write([*TASKS[:2], task("c", {"x": "a/x"}, {}, error="[no] spoon")], tmp_path)
    shown = printed(capsys, tmp_path)
    assert "c 2.5 s, failed" in shown and "[no] spoon" in shown
    assert printed(capsys, tmp_path, "--artifact", "b.y")
    assert [e.eventType for e in events.events(graph.build(records.read(tmp_path)), tmp_path)][-1] == RunState.FAIL


@pytest.mark.parametrize("text", ["", "{", '{"tasks": [{"name": "a"}]}', "[]"])
def test_rejects_broken_records(tmp_path, text):
    (tmp_path / records.FILE).write_text(text)
    with pytest.raises(UserError, match=r"lineage\.json cannot be read"):
        records.read(tmp_path)


def test_reads_records_without_times(out):
    text = json.loads((out / records.FILE).read_text())
    for record in text["tasks"]:
        del record["started"], record["error"]
    (out / records.FILE).write_text(json.dumps(text))
    assert [t.started for t in records.read(out)] == [""] * 4
    assert len(list(events.events(graph.build(records.read(out)), out))) == 8


def test_picture(out, tmp_path, capsys):
    printed(capsys, out, "--picture", tmp_path / "all.md", "--artifact", "b.y", "--direction", "up")
    printed(capsys, out, "--picture", tmp_path / "all.mmd", "--artifact", "b.y", "--direction", "up")
    page, flowchart = ((tmp_path / name).read_text() for name in ("all.md", "all.mmd"))
    assert page == f"```mermaid\n{flowchart}```\n\n{mermaid.LEGEND}\n" and "upstream" in flowchart


@pytest.mark.parametrize("name", ["a.svg", "a.png", "a"])
def test_rejects_other_formats_of_a_picture(out, tmp_path, name):
    with pytest.raises(UserError, match=r"expected a name that ends with \.md or \.mmd, such as a\.md"):
        command.main([str(out), "--picture", str(tmp_path / name)])


def test_rejects_a_picture_below_a_file(out):
    with pytest.raises(UserError, match="cannot be written"):
        command.main([str(out), "--picture", str(out / records.FILE / "a.md")])


def test_openlineage_events(out, tmp_path, capsys):
    assert "8 OpenLineage events" in printed(capsys, out, "--openlineage", tmp_path / "e.ndjson")
    lines = [json.loads(line) for line in (tmp_path / "e.ndjson").read_text().splitlines()]
    assert [(e["eventType"], e["job"]["name"]) for e in lines] == [
        (kind, f"p-of-words.{name}") for name in "abcd" for kind in ("START", "COMPLETE")
    ]
    for start, end in zip(lines[::2], lines[1::2], strict=True):
        assert start["run"]["runId"] == end["run"]["runId"] and start["schemaURL"] == RunEvent._get_schema()
    first, last = lines[1], lines[-1]
    assert (first["inputs"][0]["namespace"], first["inputs"][0]["name"]) == ("gs://bucket", "images")
    assert first["inputs"][0]["facets"]["version"]["datasetVersion"] == "f1"
    assert [i["facets"]["version"]["datasetVersion"] for i in last["inputs"]] == ["bbbb1111", "cccc1111"]
    assert (last["outputs"][0]["namespace"], last["outputs"][0]["name"]) == ("file", f"{out}/steps/p-1/d/end")
    facets = first["run"]["facets"]
    assert {p["key"]: p["value"] for p in facets["executionParameters"]["parameters"]}["seed"] == "0"
    tags = {tag["key"]: tag["value"] for tag in facets["tags"]["tags"]}
    assert tags == {"cached": "false", "seed": "0.0", **{k: v for k, v in MADE_BY.items() if k != "seed"}}
    assert lines[2]["eventTime"] == lines[3]["eventTime"] and first["eventTime"] == "2026-11-01T10:00:02.500000+00:00"


def test_openlineage_names_every_data_set():
    several = {"data": "gs://bucket/images, gs://bucket,/data/ü", "fingerprint": "f1"}
    named = [(one.namespace, one.name) for one in events._sources(several)]
    assert named == [("gs://bucket", "images"), ("gs://bucket", "/"), ("file", "/data/ü")]
    assert events._sources({"data": ""}) == []


def test_openlineage_events_repeat_their_ids(out):
    made = graph.build(TASKS)
    assert [e.run.runId for e in events.events(made, out)] == [e.run.runId for e in events.events(made, out)]


@pytest.fixture
def server():
    """Yields its address and the list of posted events. It answers 403 below /closed."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, self.headers["Authorization"], json.loads(body)))
            self.send_response(403 if self.path.startswith("/closed") else 201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", got
        server.shutdown()


def test_openlineage_events_to_a_server(out, server, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_API_KEY", "key")
    address, got = server
    command.main([str(out), "--openlineage", f"{address}/team"])
    assert [(path, key) for path, key, _ in got] == [("/team/api/v1/lineage", "Bearer key")] * 8
    assert [event["eventType"] for *_, event in got] == ["START", "COMPLETE"] * 4


def test_rejects_a_server_that_refuses_events(out, server):
    with pytest.raises(UserError, match="did not accept the events"):
        command.main([str(out), "--openlineage", f"{server[0]}/closed"])


@pytest.mark.parametrize("target", ["s3://bucket/events.jsonl", "gs://bucket/events.jsonl", "kafka://host/topic"])
def test_rejects_an_unknown_scheme_for_events(out, target):
    with pytest.raises(
        UserError, match=f"--openlineage {target}: expected a path or http:// or https://; other schemes"
    ):
        command.main([str(out), "--openlineage", target])

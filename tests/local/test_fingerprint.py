# environment: authoring
"""The fingerprint of a run's inputs: which changes alter it, and which do not."""

import http.server
import threading

import pytest
from local_runs import with_defaults

from boxwright.core.pretrained import zoo
from boxwright.local import inputs
from boxwright.local import run as running

pytestmark = pytest.mark.usefixtures("no_network")


def test_fingerprint_follows_the_files(data):
    first = inputs.fingerprint(str(data), "auto")
    assert inputs.fingerprint(str(data), "auto") == first
    (data / "b.txt").write_text("1")
    second = inputs.fingerprint(str(data), "auto")
    (data / "b.txt").write_text("22")
    assert len({first, second, inputs.fingerprint(str(data), "auto")}) == 3
    # one COCO json with its images beside it
    assert inputs.fingerprint(str(data / "a.txt"), "auto") == inputs.fingerprint(str(data), "auto")


def test_fingerprint_follows_linked_folders(data):
    (data.parent / "disk").mkdir()
    (data / "images").symlink_to("../disk")
    alone, first = (inputs.fingerprint(str(data), "auto", follow_links=follow) for follow in (False, True))
    (data.parent / "disk" / "c.jpg").write_text("new")
    assert inputs.fingerprint(str(data), "auto", follow_links=True) != first
    assert inputs.fingerprint(str(data), "auto") == alone


def test_fingerprint_follows_previous_statistics(data):
    statistics = data.parent / "statistics"
    statistics.mkdir()
    (statistics / "train.pbtxt").write_text("1")
    first = inputs.fingerprint(str(data), "auto", "", str(statistics))
    assert first != inputs.fingerprint(str(data), "auto")
    (statistics / "train.pbtxt").write_text("22")
    assert inputs.fingerprint(str(data), "auto", "", str(statistics)) != first


@pytest.mark.parametrize("init", ["ckpt/model.ckpt", "ckpt"])
def test_fingerprint_follows_the_weights(data, init):
    folder = data.parent / "ckpt"
    folder.mkdir()
    (folder / "model.ckpt.index").write_text("index")
    first = inputs.fingerprint(str(data), str(data.parent / init))
    (folder / "model.ckpt.data-00000-of-00001").write_text("weights")
    assert inputs.fingerprint(str(data), str(data.parent / init)) != first


@pytest.fixture
def model_zoo(monkeypatch, tmp_path):
    """A web server in place of the zoo's. Yields its handler, which answers with its `etag`."""
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))

    class Zoo(http.server.BaseHTTPRequestHandler):
        etag = "first"

        def do_HEAD(self):
            self.send_response(200)
            self.send_header("ETag", self.etag)
            self.end_headers()

        def log_message(self, format, *args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Zoo) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setattr(zoo, "BASE", f"http://127.0.0.1:{server.server_port}/")
        yield Zoo
        server.shutdown()


def test_fingerprint_follows_the_model_zoo(data, model_zoo, monkeypatch):
    """A run that started from scratch is repeated if and only if the zoo can be reached later."""

    def now(**changes) -> str:
        return running.graph_arguments(with_defaults("finetune", data=str(data), out="out", **changes))["fingerprint"]

    reached, elsewhere = now(), now(init="none")
    assert now() == reached
    model_zoo.etag = "second"
    newer = now()
    monkeypatch.setattr(zoo, "BASE", "http://127.0.0.1:1/")
    away = now()
    assert len({reached, newer, away}) == 3 and now() == away
    assert now(init="none") == elsewhere, "--init none does not depend on the zoo"

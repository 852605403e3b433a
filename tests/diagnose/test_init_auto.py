# environment: data
"""`--init auto`: diagnose resolves it once, against a model zoo on loopback. Training uses the result."""

import http.server
import threading

import drawn_pictures
import pytest

from boxwright.convert import step as convert
from boxwright.core import recipe
from boxwright.core.models import DEFAULT
from boxwright.core.pretrained import zoo
from boxwright.diagnose import step


class Zoo(http.server.BaseHTTPRequestHandler):
    """A model zoo that has every checkpoint. Planning does not download it."""

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("ETag", "first")
        self.end_headers()

    def log_message(self, format, *args):
        pass


@pytest.fixture
def reachable_zoo(monkeypatch, tmp_path):
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    with http.server.HTTPServer(("127.0.0.1", 0), Zoo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(zoo, "BASE", f"http://127.0.0.1:{server.server_port}/")
        yield
        server.shutdown()


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """Folder with `records` and `tables` of a few drawn pictures."""
    folder = tmp_path_factory.mktemp("auto")
    drawn_pictures.write(folder / "data", {"train": 12, "valid": 4, "test": 4}, 0)
    convert.run(convert.Config(data=str(folder / "data"), records=folder / "records", tables=folder / "tables"))
    return folder


def diagnosed(folder, out, init: str):
    """The weights that the step returns, and the stages of its recipe."""
    outputs = {name: out / name for name in ("findings", "recipe", "page")}
    config = step.Config(records=folder / "records", tables=folder / "tables", init=init, **outputs)
    weights = step.run(config).parameters["weights"]
    return weights, [stage.trainable for stage in recipe.read(out / "recipe").stages]


def test_auto_is_the_zoos_checkpoint(converted, tmp_path, reachable_zoo, capsys):
    weights, stages = diagnosed(converted, tmp_path, "auto")
    assert weights == zoo.uri(DEFAULT) and stages == ["head", "all"], "a new head is trained alone first"
    assert "from scratch" not in capsys.readouterr().err


def test_auto_is_from_scratch_without_a_zoo(converted, tmp_path, capsys):
    assert diagnosed(converted, tmp_path, "auto") == ("none", ["all"])
    assert (
        "training will start from scratch, because the model zoo's checkpoint cannot be reached"
        in capsys.readouterr().err
    )


def test_none_and_a_path_stay_as_they_are(converted, tmp_path):
    (tmp_path / "weights.npz").touch()
    assert diagnosed(converted, tmp_path, "none") == ("none", ["all"])
    given = str(tmp_path / "weights.npz")
    assert diagnosed(converted, tmp_path, given) == (given, ["head", "all"])

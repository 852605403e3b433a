# environment: data
"""The commands of the data steps, on a bucket and locally: equal findings, and the image's tag covers all imported code."""

import json

import commands
import drawn_pictures
import pytest

from boxwright.core.runtime import environments, import_closure
from boxwright.core.storage import fetch


@pytest.fixture
def chain(bucket, tmp_path):
    """Each step's output is the next step's input. Returns the process of the commands and both findings."""
    drawn_pictures.write(tmp_path / "data", {"train": 10, "valid": 3, "test": 3}, seed=0)
    for file in (tmp_path / "data").rglob("*.*"):
        bucket.put(f"data/{file.relative_to(tmp_path / 'data')}", file.read_bytes())
    ran = commands.run(
        *_commands("gs://archive/data", "gs://archive/run"), *_commands(str(tmp_path / "data"), str(tmp_path / "run"))
    )
    findings = [fetch.file(f"{where}/findings.file").read_text() for where in ("gs://archive/run", tmp_path / "run")]
    return ran, [json.loads(text) for text in findings]


def _commands(data: str, where: str) -> list[list[str]]:
    def flags(*names: str) -> list[str]:
        ending = {"findings": ".file", "recipe": ".file", "page": ".file", "schema": ".file", "validation": ".html"}
        return [word for name in names for word in (f"--{name}", f"{where}/{name}{ending.get(name, '')}")]

    outputs = flags("records", "tables", "anomalies")
    page = ["--page", f"{where}/validation.html"]
    return [
        ["convert", "--data", data, *flags("records", "tables")],
        ["validate", *outputs, *flags("statistics", "schema"), *page],
        ["diagnose", *outputs, *flags("findings", "recipe", "page")],
    ]


def test_steps_on_a_bucket_and_their_code(chain):
    ran, (in_bucket, local) = chain
    assert "Warning" not in ran.stderr
    assert in_bucket["findings"] and in_bucket == local
    code = {import_closure.module_name(file, environments.package_folder()) for file in environments.modules("data")}
    assert ran.modules - {"boxwright"} > {f"boxwright.{step}.step" for step in ("convert", "validate", "diagnose")}
    assert ran.modules - code == set()

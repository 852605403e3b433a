# environment: data
"""The commands of the data steps, on GCS, on S3 and locally: equal files, and the image's tag covers all imported code."""

import json

import commands
import drawn_pictures
import pytest

from boxwright.core.runtime import digests, environments, import_closure
from boxwright.core.storage import fetch

# What goes wrong on the way: requests are lost, refused, cut short and not answered.
FAULTS = {
    ("list", ""): ["drop", 503],
    ("read", "data/train/_annotations.coco.json"): ["cut"],
    ("see", "run/records/boxwright-publication.json"): [503],
    ("send", "run/records/boxwright-publication.json"): ["lost", "drop"],
    ("send", "run/tables/boxwright-publication.json"): [503, "lost"],
    ("read", "run/records/boxwright-publication.json"): ["drop"],
}


@pytest.fixture
def chain(gs_bucket, s3_bucket, tmp_path):
    """Each step's output is the next step's input. Returns the process of the commands, and the folders of the three chains."""
    drawn_pictures.write(tmp_path / "data", {"train": 10, "valid": 3, "test": 3}, seed=0)
    for bucket in (gs_bucket, s3_bucket):
        for file in (tmp_path / "data").rglob("*.*"):
            bucket.put(f"data/{file.relative_to(tmp_path / 'data')}", file.read_bytes())
        bucket.faults.update({key: list(faults) for key, faults in FAULTS.items()})
    places = {place: f"{place}/run" for place in (gs_bucket.uri, s3_bucket.uri, str(tmp_path))}
    ran = commands.run(*(words for place, run in places.items() for words in _commands(f"{place}/data", run)))
    for bucket in (gs_bucket, s3_bucket):
        assert not any(bucket.faults.values()), "a request that was to fail was never made"
    return ran, list(places.values())


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


def test_steps_on_both_stores_and_their_code(chain):
    ran, places = chain
    in_gcs, in_s3, local = (json.loads(fetch.file(f"{place}/findings.file").read_text()) for place in places)
    assert "Warning" not in ran.stderr
    assert local["findings"] and local == in_gcs == in_s3
    code = {import_closure.module_name(file, environments.package_folder()) for file in environments.modules("data")}
    assert ran.modules - {"boxwright"} > {f"boxwright.{step}.step" for step in ("convert", "validate", "diagnose")}
    assert ran.modules - code == set()
    for output in ("records", "tables"):
        found = [digests.of_each(fetch.file(f"{place}/{output}")) for place in places]
        assert found[0] == found[1] == found[2]

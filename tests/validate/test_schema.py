# environment: data
"""What TFDV compares: with a schema that is given, between the splits, with the statistics of earlier data."""

import shutil

import pytest
from planted import in_val, values

from boxwright.core.runtime.errors import UserError


def all_cats(examples):
    for example in examples:
        values(example, "image/object/class/text")[:] = [b"cat", b"cat"]
        values(example, "image/object/class/label")[:] = [1, 1]


def test_a_sixth_more_of_a_class_is_no_skew(validated):
    """Four cats more than dogs among the twelve objects of val, where train has as many of each: 0.17 apart; six are 0.25."""
    for number, told in ((2, []), (3, ["image/object/class/text: skew"])):
        _, validation, out = validated(edit=in_val(lambda examples, number=number: all_cats(examples[:number])))
        assert [r["value"] for r in validation["reasons"]] == told
        for name in ("records", "tables"):
            shutil.rmtree(out.parent / name)


def test_other_shares_of_the_classes_are_a_skew(validated):
    _, validation, out = validated(edit=in_val(all_cats))
    skews = [r for r in validation["reasons"] if r["code"] == "tfdv_anomaly"]
    assert [(r["severity"], r["value"]) for r in skews] == [("caveat", "image/object/class/text: skew")]
    assert "image/object/class/text: skew" in (out / "anomalies" / "anomalies_val.pbtxt").read_text()


def test_a_given_schema_counts(validated, tmp_path):
    _, _, out = validated()
    curated = tmp_path / "curated.pbtxt"
    text = (out / "schema.pbtxt").read_text()
    assert 'value: "dog"' in text
    curated.write_text(text.replace('value: "dog"', 'value: "wolf"'))
    for name in ("records", "tables"):
        shutil.rmtree(tmp_path / name)
    _, validation, after = validated(expected_schema=str(curated))
    assert validation["verdict"] == "not_ready" and "wolf" in (after / "schema.pbtxt").read_text()
    assert {r["value"] for r in validation["reasons"]} == {"image/object/class/text"}


@pytest.mark.parametrize("text", [None, "feature {", "nothing", ""])
def test_a_schema_that_is_none(validated, tmp_path, text):
    if text is not None:
        (tmp_path / "s.pbtxt").write_text(text)
    with pytest.raises(UserError, match=r"s\.pbtxt"):
        validated(expected_schema=str(tmp_path / "s.pbtxt"))


@pytest.fixture
def earlier(validated, tmp_path):
    """The statistics of a clean run; its records and tables are gone."""
    _, _, out = validated()
    kept = shutil.move(out / "statistics", tmp_path / "earlier")
    for name in ("records", "tables"):
        shutil.rmtree(tmp_path / name)
    return str(kept)


def test_the_same_data_has_not_drifted(validated, earlier):
    assert validated(previous_statistics=earlier)[1]["verdict"] == "ready"


def test_another_mix_of_classes_is_a_drift(validated, earlier):
    """Every split: no skew between them, a shift of 0.5 against the earlier run."""
    _, validation, out = validated(
        edit=lambda split, examples, manifest: all_cats(examples), previous_statistics=earlier
    )
    drifts = [r for r in validation["reasons"] if r["code"] == "tfdv_anomaly"]
    assert {(r["severity"], r["value"]) for r in drifts} == {("caveat", "image/object/class/text: drift")}
    assert len(drifts) == 3 and "0.5" in drifts[0]["text"]
    assert "image/object/class/text: drift" in (out / "anomalies" / "anomalies_train.pbtxt").read_text()


@pytest.mark.parametrize("text", [None, "datasets {", ""])
def test_statistics_that_are_none(validated, tmp_path, text):
    if text is not None:
        (tmp_path / "train.pbtxt").write_text(text)
    with pytest.raises(UserError, match="--previous-statistics"):
        validated(previous_statistics=str(tmp_path))

# environment: data
"""What TFDV compares: with a given schema, between the splits, and with the statistics of earlier data."""

import shutil

import pytest
from planted import in_val, values

from boxwright.core.runtime.errors import UserError
from boxwright.validate import validation
from boxwright.validate.tfdv import anomalies
from boxwright.validate.tfdv.untyped import schema_messages, tfdv


def all_cats(examples):
    for example in examples:
        values(example, "image/object/class/text")[:] = [b"cat", b"cat"]
        values(example, "image/object/class/label")[:] = [1, 1]


@pytest.mark.parametrize(("number", "found"), [(2, []), (3, [("image/object/class/text: skew",)])])
def test_skew_begins_at_a_fifth(validated, number, found):
    """Two or three of val's twelve objects change from dog to cat: the shares differ from train's by 0.17 or 0.25."""
    judged = validated(edit=in_val(lambda examples: all_cats(examples[:number]))).validation
    assert [finding.items for finding in judged.findings] == found


def test_other_shares_of_the_classes_are_a_skew(validated):
    _, judged, out = validated(edit=in_val(all_cats))
    skews = [finding for finding in judged.findings if finding.id == "tfdv_anomaly"]
    assert [(f.severity, f.stops, f.items) for f in skews] == [("medium", False, ("image/object/class/text: skew",))]
    assert skews[0].title == "The classes have other shares in val than in train"
    share = "among the objects of val differs from that in train by 50 points; up to 20 are normal."
    assert skews[0].claim in (f"The share of {name} {share}" for name in ("cat", "dog"))
    assert "image/object/class/text: skew" in (out / "anomalies" / "anomalies_val.pbtxt").read_text()


def remove_inputs(folder):
    for name in ("records", "tables"):
        shutil.rmtree(folder / name)


def test_given_schema_counts(validated, tmp_path):
    out = validated().out
    curated = tmp_path / "curated.pbtxt"
    text = (out / "schema.pbtxt").read_text()
    assert 'value: "dog"' in text
    curated.write_text(text.replace('value: "dog"', 'value: "wolf"'))
    remove_inputs(tmp_path)
    _, judged, after = validated(expected_schema=str(curated))
    assert judged.verdict == "not_ready" and "wolf" in (after / "schema.pbtxt").read_text()
    assert {finding.items for finding in judged.findings} == {("image/object/class/text",)}
    claim = judged.findings[0].claim
    assert (
        claim.startswith("Among the class names in train are values that the schema does not have. TFDV says: ")
        and "dog" in claim
    )


def test_given_schema_is_kept_without_train():
    given = schema_messages.Schema(feature=[schema_messages.Feature(name="curated")])
    assert anomalies.check({}, ["cat"], given, {}) == (given, {})


def test_given_comparator_ignores_a_split_without_objects(dataset):
    """Another finding reports that val has no objects."""

    def edit(split, all_examples, manifest):
        for example in all_examples if split == "val" else ():
            for name in [name for name in example.features.feature if name.startswith("image/object/")]:
                del example.features.feature[name]

    _, statistics = validation.count(dataset(edit=edit)[0])
    given = anomalies.infer_schema(statistics["train"], ["cat", "dog"])
    tfdv.get_feature(given, anomalies.CLASS).skew_comparator.infinity_norm.threshold = 0.1
    assert not anomalies.check(statistics, ["cat", "dog"], given, {})[1]["val"].anomaly_info


@pytest.mark.parametrize("text", [None, "feature {", "nothing", ""])
def test_file_that_is_no_schema(validated, tmp_path, text):
    if text is not None:
        (tmp_path / "s.pbtxt").write_text(text)
    with pytest.raises(UserError, match=r"s\.pbtxt"):
        validated(expected_schema=str(tmp_path / "s.pbtxt"))


@pytest.fixture
def earlier(validated, tmp_path):
    """The statistics of a clean run; its records and tables are gone."""
    kept = shutil.move(validated().out / "statistics", tmp_path / "earlier")
    remove_inputs(tmp_path)
    return str(kept)


def test_same_data_has_not_drifted(validated, earlier):
    assert validated(previous_statistics=earlier).validation.verdict == "ready"


def test_another_mix_of_classes_is_a_drift(validated, earlier):
    """All splits change alike: no skew between them, but a distance of 0.5 from the earlier run."""
    _, judged, out = validated(edit=lambda split, examples, manifest: all_cats(examples), previous_statistics=earlier)
    drifts = [finding for finding in judged.findings if finding.id == "tfdv_anomaly"]
    assert {(f.severity, f.stops, f.items) for f in drifts} == {("medium", False, ("image/object/class/text: drift",))}
    assert len(drifts) == 3 and "differs from that in the earlier run by 50 points" in drifts[0].claim
    assert "image/object/class/text: drift" in (out / "anomalies" / "anomalies_train.pbtxt").read_text()


@pytest.mark.parametrize("text", [None, "datasets {", ""])
def test_folder_without_statistics(validated, tmp_path, text):
    if text is not None:
        (tmp_path / "train.pbtxt").write_text(text)
    with pytest.raises(UserError, match="--previous-statistics"):
        validated(previous_statistics=str(tmp_path))

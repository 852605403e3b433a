# environment: data
"""Findings: order, keys, and values that are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from boxwright.core import findings


def finding(name, severity: Any = "low", points=None, subject=""):
    evidence = findings.Evidence(metric="share", value=0.5, n=10, interval=(0.2, 0.8), where="objects.parquet")
    return findings.Finding(
        id=name,
        subject=subject,
        cause="data_quantity",
        severity=severity,
        title="t",
        claim="c",
        evidence=(evidence,),
        remedy="r",
        expected_effect="e",
        effect_points=points,
        confidence="low",
    )


def test_what_stops_training_is_ranked_first():
    wrong, stopping = finding("a", "high"), finding("b", "medium").model_copy(update={"stops": True})
    assert [f.id for f in findings.ranked([wrong, stopping])] == ["b", "a"]


def test_ranked_by_severity_then_effect_then_name():
    given = [finding("d"), finding("b", "high", 1.0), finding("c", "high", 9.0), finding("a")]
    given += [finding("f", "info", 9.0), finding("e", "medium")]
    assert [f.id for f in findings.ranked(given)] == ["c", "b", "e", "a", "d", "f"]


def test_wrong_data_comes_first_within_a_severity():
    wrong = finding("z", "medium").model_copy(update={"cause": "data_quality"})
    given = [finding("b", "medium", 9.0), wrong, finding("c", "high")]
    assert [f.id for f in findings.ranked(given)] == ["c", "z", "b"]


def test_the_finding_about_most_comes_first_within_a_cause():
    """13 of 99 images lost come before 1 of 67 objects that are boxed twice, whatever their ids are."""
    lost = finding("quarantine").model_copy(
        update={"evidence": (findings.Evidence(metric="m", value=13, n=99, where="w"),)}
    )
    twice = finding("boxed_twice").model_copy(
        update={"evidence": (findings.Evidence(metric="m", value=0.015, n=67, interval=(0.0, 0.1), where="w"),)}
    )
    rate = finding("a_rate").model_copy(update={"evidence": (findings.Evidence(metric="m", value=64, n=8, where="w"),)})
    assert [f.id for f in findings.ranked([twice, lost, rate])] == ["quarantine", "boxed_twice", "a_rate"]


def test_unknown_severity_is_refused():
    with pytest.raises(ValidationError):
        finding("a", "dreadful")


@pytest.mark.parametrize("name", ["few_objects.cat", "Few", "few objects", "", "2few"])
def test_id_is_a_stable_code(name):
    with pytest.raises(ValidationError):
        finding(name)


def test_key_adds_the_subject():
    assert finding("few_objects").key == "few_objects"
    assert finding("few_objects", subject="Größe A").key == "few_objects.Größe A"

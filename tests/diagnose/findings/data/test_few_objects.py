# environment: data
"""Few objects of a class, by hand."""

import pytest
from present import present

from boxwright.diagnose.findings.data.few_objects import judge, lacking


@pytest.mark.parametrize(("n", "severity"), [(1, "high"), (14, "high"), (15, "medium"), (49, "medium"), (50, None)])
def test_severity_grows_as_objects_get_fewer(n, severity):
    finding = judge(lacking({"cat": n, "dog": 200}))
    assert (finding and finding.severity) == severity
    assert not finding or finding.evidence[0].value == n
    assert not finding or finding.claim.startswith(f"cat has only {n} training objects. That is too few")


def test_all_classes_with_few_objects_are_one_finding():
    """The fewest come first. 50 are enough, and a class without any is another finding."""
    finding = present(judge(lacking({"ace": 40, "king": 14, "ten": 50, "jack": 0})))
    assert finding.severity == "high"
    assert finding.claim.startswith("2 classes have fewer than 50 training objects (king 14, ace 40). That is")
    assert finding.remedy.endswith("You need at least 36 more king, 10 more ace.")
    assert judge(lacking({"ten": 50, "jack": 0})) is None


def test_leaves_out_what_another_finding_tells():
    assert lacking({"ace": 40, "king": 14}, told={"king"}) == {"ace": 40}

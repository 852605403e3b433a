# environment: data
"""The summary that convert prints."""

from boxwright.convert import notices, summary
from boxwright.core.artifacts.dataset import ClassName, Counts, Dataset, Quarantined, Split


def test_prints_names_literally(capsys):
    """In rich, brackets are markup, and words between colons are emoji."""
    names = ["a[/m8]b", "bolt [m8]", ":cat:"]
    split = Split(images=1, objects=3, per_class=dict.fromkeys(names, 1), shards=1)
    stored = Dataset(
        digest="0",
        format="voc [x]",
        source="set",
        split_by="given",
        classes=tuple(ClassName(id=i, name=name) for i, name in enumerate(names, 1)),
        splits={"train": split, "val": split, "test": split},
        found=Counts(images=3, objects=9),
        notices=(notices.build("any", "A class is new", "class '[/m8]' is new", count=1, of=3),),
        quarantined=Quarantined(images={"missing": 1}, objects={}),
    )
    summary.show(stored)
    printed = capsys.readouterr().out
    assert all(f" {name} " in printed for name in names)
    assert "voc [x], split" in printed and "note: class '[/m8]' is new" in printed

# environment: data
"""What convert prints at the end."""

from boxwright.convert import summary


def test_names_are_printed_as_they_are(capsys):
    """Brackets are markup to rich, and words between colons pictures."""
    names = ["a[/m8]b", "bolt [m8]", ":cat:"]
    split = {"images": 1, "objects": 3, "per_class": dict.fromkeys(names, 1)}
    summary.show(
        {
            "format": "voc [x]",
            "split_by": "given",
            "classes": [{"id": i, "name": name} for i, name in enumerate(names, 1)],
            "splits": dict.fromkeys(("train", "val", "test"), split),
            "notices": [{"code": "any", "text": "class '[/m8]' is new", "value": 1}],
            "quarantined": {"images": {"missing": 1}, "objects": {}},
        }
    )
    printed = capsys.readouterr().out
    assert all(f" {name} " in printed for name in names)
    assert "voc [x], split" in printed and "note: class '[/m8]' is new" in printed

# environment: train
"""The table in the terminal."""

from boxwright.evaluate import metrics_display


def test_names_are_printed_as_they_are(capsys):
    """Brackets are markup to rich, and words between colons pictures."""
    names = ["a[/m8]b", "bolt [m8]", ":cat:"]
    values = {"objects": 3, "AP": 0.5, "AP50": 0.75}
    metrics_display.print_table(
        {"variant": "int8", "split": "test", "images": 2, "interval": None, **values}
        | {"per_class": dict.fromkeys(names, values)}
    )
    printed = capsys.readouterr().out
    assert all(f" {name} " in printed for name in names) and "75.0" in printed

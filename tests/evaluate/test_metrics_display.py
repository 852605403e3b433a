# environment: train
"""The table in the terminal."""

from boxwright.core import coco_eval
from boxwright.core.artifacts.metrics import Metrics
from boxwright.evaluate import metrics_display


def test_names_are_printed_literally(capsys):
    """rich would interpret brackets as markup, and words between colons as emoji."""
    names = ["a[/m8]b", "bolt [m8]", ":cat:"]
    values = {"objects": 3, "AP": 0.5, "AP50": 0.75}
    about = {"variant": "int8", "split": "test", "images": 2, "detections": 5}
    numbers = dict.fromkeys(coco_eval.NUMBERS, 0.5) | values
    metrics = Metrics.model_validate(about | numbers | {"per_class": dict.fromkeys(names, values)})
    metrics_display.print_table(metrics)
    printed = capsys.readouterr().out
    assert all(f" {name} " in printed for name in names) and "75.0" in printed

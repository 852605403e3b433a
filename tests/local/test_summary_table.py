# environment: authoring
"""The table that ends a run."""

import io

from rich.console import Console

from boxwright.local.summary_table import metrics_table, rows


def test_metrics_table():
    one = {"split": "test", "images": 2, "AP": 0.5, "AP50": 0.75, "per_class": {"a": {"AP": 0.5, "AP50": None}}}
    summary = {"evaluation": {"float": one, "int8": one}, "unreachable": {"stock": {"a": 0.97}, "used": {"a": 0.03}}}
    assert list(rows(summary)) == [
        ("all classes", "75.0", "75.0", "50.0", "50.0", "-", "-"),
        ("a", "-", "-", "50.0", "50.0", "97.0", "3.0"),
    ]
    assert metrics_table(summary).row_count == 2


def test_a_class_called_all_classes_has_its_own_row():
    one = {
        "split": "test",
        "images": 2,
        "AP": 0.5,
        "AP50": 0.75,
        "per_class": {"all classes": {"AP": 0.1, "AP50": 0.2}},
    }
    summary = {"evaluation": {"float": one, "int8": one}, "unreachable": {"stock": {"all classes": 1.0}, "used": {}}}
    assert list(rows(summary)) == [
        ("all classes", "75.0", "75.0", "50.0", "50.0", "-", "-"),
        ("all classes", "20.0", "20.0", "10.0", "10.0", "100.0", "-"),
    ]


def test_class_names_are_no_markup():
    one = {"split": "test", "images": 2, "AP": 0.5, "AP50": 0.75, "per_class": {"bolt [/m8]": {"AP": 1, "AP50": 1}}}
    console = Console(file=io.StringIO(), width=100)
    console.print(metrics_table({"evaluation": {"float": one, "int8": one}, "unreachable": {"stock": {}, "used": {}}}))
    assert "bolt [/m8]" in console.file.getvalue()

# environment: authoring
"""The table at the end of a run."""

import io

from rich.console import Console
from summaries import evaluated, summary

from boxwright.local.summary_table import metrics_table, rows


def test_metrics_table():
    measured = evaluated({"a": (0.5, None)})
    shares = {"stock": {"a": 0.97}, "used": {"a": 0.03}}
    made = summary(evaluation={"float": measured, "int8": measured}, unreachable=shares)
    assert list(rows(made)) == [
        ("all classes", "75.0", "75.0", "50.0", "50.0", "-", "-"),
        ("a", "-", "-", "50.0", "50.0", "97.0", "3.0"),
    ]
    assert metrics_table(made).row_count == 2


def test_a_class_called_all_classes_has_its_own_row():
    measured = evaluated({"all classes": (0.1, 0.2)})
    shares = {"stock": {"all classes": 1.0}, "used": {}}
    made = summary(evaluation={"float": measured, "int8": measured}, unreachable=shares)
    assert list(rows(made)) == [
        ("all classes", "75.0", "75.0", "50.0", "50.0", "-", "-"),
        ("all classes", "20.0", "20.0", "10.0", "10.0", "100.0", "-"),
    ]


def test_class_names_are_no_markup():
    measured = evaluated({"bolt [/m8]": (1.0, 1.0)})
    text = io.StringIO()
    console = Console(file=text, width=100)
    console.print(metrics_table(summary(evaluation={"float": measured, "int8": measured})))
    assert "bolt [/m8]" in text.getvalue()

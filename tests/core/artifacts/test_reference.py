# environment: data
"""The documentation of the files is generated from their models."""

from boxwright.core.artifacts import reference


def test_readme_is_up_to_date():
    assert reference.README.read_text(encoding="utf-8") == reference.render(), "run `make docs`"


def test_every_field_of_a_nested_model_has_a_row():
    text = reference.render()
    assert "| `evaluation.NAME.recall[].class` | text or null | null: all classes together. |" in text
    assert "| `findings` | list of [Finding](#finding) |" in text and "| `evidence[].interval` |" in text

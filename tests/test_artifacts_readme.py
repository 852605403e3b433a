# environment: data
"""The documentation of the files is generated from their models."""

from boxwright import artifacts_readme


def test_readme_is_up_to_date():
    assert artifacts_readme.README.read_text(encoding="utf-8") == artifacts_readme.render(), "run `make docs`"


def test_every_field_of_a_nested_model_has_a_row():
    text = artifacts_readme.render()
    assert "| `evaluation.NAME.recall[].class` | text or null | null: all classes together. |" in text
    assert "| `findings` | list of [Finding](#finding) |" in text and "| `evidence[].interval` |" in text

# environment: data
"""Runs the report step on a folder from the fixture `run_folder`."""

from boxwright.report.step import Config


def config(folder) -> Config:
    return Config(
        records=folder / "records",
        anomalies=folder / "anomalies",
        findings=str(folder / "findings.json"),
        recipe=str(folder / "recipe.yaml"),
        model=str(folder / "model"),
        evaluation_float=str(folder / "float"),
        evaluation_int8=str(folder / "int8"),
        tflite=str(folder / "tflite"),
        edgetpu=str(folder / "edgetpu"),
        report=folder / "out" / "report.html",
        overview=folder / "out" / "overview.md",
        summary=folder / "out" / "summary.json",
    )

# environment: data
"""The page of unusual runs."""

import json

from reported import config

from boxwright.report.step import run


def test_shares_are_percent_and_nothing_is_a_dash(run_folder):
    """The int8 file finds two of five detections again. None of them has a score to compare."""
    file = run_folder / "tflite" / "parity.json"
    parity = json.loads(file.read_text())
    parity["float32"] |= {"detections": 5, "matched": 1.0, "score_max": 2e-7}
    parity["int8"] |= {"detections": 5, "matched": 0.4, "score_max": None}
    file.write_text(json.dumps(parity))
    run(config(run_folder))
    page = (run_folder / "out" / "report.html").read_text()
    for row in (
        ("detections compared", "5", "5"),
        ("found again at IoU 0.5", "100.0 %", "40.0 %"),
        ("score, greatest difference", "2e-07", "\u2013"),
    ):
        assert f"<td>{row[0]}</td>" + "".join(f'<td class="n">{value}</td>' for value in row[1:]) in page


def test_no_image_is_higher_than_a_screen(run_folder):
    """Drawn as wide as its column, an image of 200 x 4000 pixels would be eight screens high."""
    run(config(run_folder))
    assert ".worst svg { max-height: 560px; }" in (run_folder / "out" / "report.html").read_text()


def test_rows_of_classes_are_told_apart(run_folder):
    """A finding about two classes shows a row for each, with its name, and the doubt about it."""
    rows = [("bolt", 0.5), ("nut", 0.25)]
    file = run_folder / "findings.json"
    diagnosis = json.loads(file.read_text())
    evidence = [
        {"metric": "out of reach", "subject": name, "value": share, "n": 8, "interval": [0.1, 0.9], "where": "objects"}
        for name, share in rows
    ]
    diagnosis["findings"].append(
        {"id": "two_classes", "cause": "recipe", "severity": "high", "title": "Two classes are out of reach"}
        | {"claim": "They are.", "evidence": evidence, "remedy": "Train.", "doubt": "Boxes are wrong."}
    )
    file.write_text(json.dumps(diagnosis))
    run(config(run_folder))
    page = (run_folder / "out" / "report.html").read_text()
    for name, share in (("bolt", "50 % of 8"), ("nut", "25 % of 8")):
        assert f'<td>{name}</td><td class="n">{share}</td>' in page
        assert f"<li>{name}: out of reach" in page
    assert "<b>Doubtful:</b> Boxes are wrong." in page

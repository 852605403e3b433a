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

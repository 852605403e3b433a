# environment: data
"""The page of runs that it was not drawn for."""

import json

from reported import config

from boxwright.report.step import run


def test_shares_are_no_counts_and_nothing_to_measure_is_a_dash(run_folder):
    """An int8 file that finds two of five detections, none of which has a score to compare."""
    file = run_folder / "tflite" / "parity.json"
    parity = json.loads(file.read_text())
    parity["float32"] = {"detections": 5, "matched": 1.0, "score_max": 2e-7}
    parity["int8"] = {"detections": 5, "matched": 0.4, "score_max": None}
    file.write_text(json.dumps(parity))
    run(config(run_folder))
    page = (run_folder / "out" / "report.html").read_text()
    for row in (("detections", "5", "5"), ("matched", "100.0 %", "40.0 %"), ("score max", "2e-07", "\u2013")):
        assert f"<td>{row[0]}</td>" + "".join(f'<td class="n">{value}</td>' for value in row[1:]) in page


def test_no_picture_is_higher_than_a_screen(run_folder):
    """A tower of 200 x 4000 pixels as wide as its column would be eight of them."""
    run(config(run_folder))
    assert ".worst svg { max-height: 560px; }" in (run_folder / "out" / "report.html").read_text()

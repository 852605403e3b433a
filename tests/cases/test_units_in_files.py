# environment: data
"""Each format with boxes in another order or unit, as files: convert stops. The same files with right numbers are converted."""

import misread_boxes
import misread_files
import pytest
from misread_boxes import FAULTS, RIGHT

from boxwright.convert.plan.box_readings import ORDERS, UNITS


@pytest.mark.parametrize("name", FAULTS)
def test_the_mistake_is_named(refusal, tmp_path, name):
    fault, right = FAULTS[name], RIGHT[FAULTS[name].format]
    said = refusal(misread_files.plant(tmp_path / "data", name, seed=1, size=0.25))
    assert f"which {fault.format} has; read as " in said
    assert fault.order == right.order or ORDERS[fault.order].words in said
    assert fault.unit == right.unit or UNITS[fault.unit].words in said


@pytest.mark.parametrize("format", RIGHT)
def test_clean_files_are_converted(read_case, tmp_path, format):
    pictures = misread_boxes.draw(1, 12, size=0.25)
    read = read_case(misread_files.write(tmp_path / "data", pictures, RIGHT[format]))
    assert read.stored == sum(len(picture.objects) for picture in pictures)
    assert read.reasons == {} and not {"boxes_leave_images", "boxes_in_corner"} & read.notices


def test_a_csv_of_centers_in_columns_of_corners(refusal, tmp_path):
    """The columns xmin, ymin, w, h say that a box begins there. The numbers are its center."""
    folder = misread_files.plant(tmp_path / "data", "csv as YOLO", seed=1, size=0.25)
    rows = [
        ",".join(map(str, (p.name, name, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top)))
        for p in misread_boxes.draw(1, 12, size=0.25)
        for name, left, top, right, bottom in p.objects
    ]
    (folder / "labels.csv").write_text("\n".join(["filename,class,xmin,ymin,w,h", *rows]))
    said = refusal(folder)
    assert "read as left, top, width, height, in pixels" in said and "read as center x, center y, width, height" in said
    assert "re-run with --boxes-as cxcywh" in said

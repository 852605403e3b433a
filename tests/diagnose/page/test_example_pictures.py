# environment: data
"""Pictures of the images that only a look can judge."""

from boxwright.core.findings import Finding
from boxwright.core.records import tfrecords
from boxwright.diagnose.page import example_pictures


def finding(id, items):
    return Finding(id=id, cause="data_quality", severity="medium", title="t", claim="c", items=tuple(items))


def test_images_without_label_are_shown(tiny_records):
    names = [record.filename for record in tfrecords.read(tiny_records, "train")]
    found = example_pictures.read(tiny_records, [finding("no_label_file", [names[1], "elsewhere.jpg"])])
    (picture,) = found["no_label_file"]
    assert picture.filename == names[1] and picture.uri.startswith("data:image/jpeg;base64,")


def test_a_few_are_enough(tiny_records):
    names = [record.filename for split in tfrecords.SPLITS for record in tfrecords.read(tiny_records, split)]
    assert len(example_pictures.read(tiny_records, [finding("negatives", names)])["negatives"]) == example_pictures.MOST


def test_other_findings_have_no_pictures(tiny_records):
    names = [record.filename for record in tfrecords.read(tiny_records, "train")]
    assert example_pictures.read(tiny_records, [finding("repeated_images", names)]) == {}

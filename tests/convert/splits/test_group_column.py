# environment: data
"""Images of one source by a column of their annotations: `--group column:NAME`."""

import json

import pyarrow.parquet as pq
import pytest

from boxwright.core.records import tables
from boxwright.core.runtime.errors import UserError

OBJECT = (1, [4, 4, 20, 20])
HEADER = "filename,width,height,class,xmin,ymin,xmax,ymax,Patient\n"


def row(name: str, patient: object = "", at: int = 4) -> str:
    return f"{name},64,48,cat,{at},4,{at + 20},24,{patient}\n"


def patients(data, values: list, field: str = "patient"):
    """The data set, where the n-th image has the n-th value in a field."""
    file = data / "instances.json"
    document = json.loads(file.read_text())
    for entry, value in zip(document["images"], values, strict=True):
        entry[field] = value
    file.write_text(json.dumps(document))
    return data


def splits_of(out) -> dict[str, str]:
    columns = pq.read_table(out.tables / tables.IMAGES).to_pydict()
    return dict(zip(columns["filename"], columns["split"], strict=True))


def together(out, names: list[str]) -> bool:
    return len({splits_of(out)[name] for name in names}) == 1


def test_field_of_coco_images(coco, convert):
    """Numbers and text name a source. null, blanks and lists do not."""
    names = [f"images/{n:02}.jpg" for n in range(24)]
    data = patients(
        coco({f"{n:02}.jpg": [OBJECT] for n in range(24)}), [n % 7 for n in range(21)] + [None, "  ", ["a"]]
    )
    out = convert(data, group="column:patient")
    assert all(together(out, names[patient:21:7]) for patient in range(7))
    assert (out.notices["sources_together"], out.notices["no_source"]) == (21, 3)
    assert set(splits_of(out).values()) == {"train", "val", "test"}


@pytest.mark.parametrize("title", ["Patient", "#Patient"])
def test_column_of_the_csv(made, convert, title):
    """The column may have any case, and stand in every row of an image or in one. A `#` before a title does not count."""
    names = [f"{n:02}.jpg" for n in range(20)]
    rows = "".join(row(name, f"p{n % 6}") + row(name, at=30) for n, name in enumerate(names))
    out = convert(made(names, {"all.csv": HEADER.replace("Patient", title) + rows}), group=f"column:{title.lower()} ")
    assert all(together(out, names[patient::6]) for patient in range(6))
    assert out.notices["sources_together"] == 20 and "no_source" not in out.notices


def test_several_sources_of_one_image(made, read):
    data = made(["a.jpg"], {"all.csv": HEADER + row("a.jpg", "p2") + row("a.jpg", "p1", at=30)})
    assert len(read(data).images[0].objects) == 2
    with pytest.raises(
        UserError, match=r"all\.csv: a\.jpg has several values in column patient: p1, p2; an image has one source"
    ):
        read(data, column="patient")


@pytest.mark.parametrize(("second", "group"), [("", "p1"), ("p1", "p1")])
def test_source_from_either_of_two_files(made, read, second, group):
    data = made(["a.jpg"], {"a.csv": HEADER + row("a.jpg", "p1"), "b.csv": HEADER + row("a.jpg", second, at=30)})
    (image,) = read(data, column="patient").images
    assert (image.group, len(image.objects)) == (group, 2)


def test_image_with_two_sources_is_stored_once(made, read):
    data = made(["a.jpg"], {"a.csv": HEADER + row("a.jpg", "p1"), "b.csv": HEADER + row("a.jpg", "p2", at=30)})
    one, other = read(data, column="patient").images
    assert (one.fault, other.fault.reason) == (None, "duplicate_image")


def test_column_in_one_of_two_data_sets(coco, made, convert):
    """A source may be in both sets. Images without the column have no source."""
    first = patients(coco({f"{n:02}.jpg": [OBJECT] for n in range(12)}), [n % 4 for n in range(12)])
    label = "0 0.5 0.5 0.4 0.4\n"
    second = made(["x.jpg", "y.jpg"], {"x.txt": label, "y.txt": label, "classes.txt": "cat\n"})
    out = convert(f"{first},{second}", group="column:patient")
    assert all(together(out, [f"coco/images/{n:02}.jpg" for n in range(patient, 12, 4)]) for patient in range(4))
    assert (out.notices["sources_together"], out.notices["no_source"]) == (12, 2)


def test_annotations_without_columns(made, convert):
    label = "0 0.5 0.5 0.4 0.4\n"
    data = made(["x.jpg"], {"x.txt": label, "classes.txt": "cat\n"})
    with pytest.raises(UserError, match="none of 1 images has this field in its annotation"):
        convert(data, group="column:patient")

# environment: data
"""Files that fit a name under another spelling, and are another picture or may be one. They are not taken."""

import shutil

import pytest
from convert_sets import coco_json
from PIL import Image

MANY = range(12)


@pytest.fixture
def located(made, read, tmp_path):
    """The files of the names in `set.json`, None for a missing one; of further jsons, too."""

    def located(files: list[str], *names: str, **jsons: list[str]) -> list[str | None]:
        shutil.rmtree(tmp_path / "set", ignore_errors=True)
        texts = {f"{json.replace('__', '/')}.json": coco_json(*each) for json, each in ({"set": names} | jsons).items()}
        root = made(files, texts)
        found = [image for image in read(root).images if not image.fault or image.fault.reason != "unlisted"]
        return [str(image.file.relative_to(root)) if image.file.exists() else None for image in found]

    return located


def test_two_files_fit(located):
    assert located(["a/pic.JPG", "b/pic.JPG"], "pic.jpg") == [None]
    assert located(["pic.png", "pic.bmp"], "pic") == [None]


def test_two_names_fit(located):
    assert located(["images/pic.jpg"], "raw/pic.jpg", "old/pic.jpg") == [None, None]
    assert located(["pic.jpg"], "PIC.png", "Pic.bmp") == [None, None]


def test_the_nearer_spelling_comes_first(located):
    assert located(["pic.jpeg", "pic.png"], "pic.jpg") == ["pic.jpeg"]
    assert located(["raw/pic.jpeg", "old/pic.jpg"], "raw/pic.jpg") == ["raw/pic.jpeg"]
    assert located(["x/raw/pic.jpg", "x/old/pic.jpg"], "C:/y/old/pic.jpg") == ["x/old/pic.jpg"]


def test_names_that_differ_in_case_only(located):
    assert located(["a.jpg", "A.jpg"], "a.jpg", "A.jpg") == ["a.jpg", "A.jpg"]
    assert located(["a.jpg"], "a.jpg", "A.jpg") == ["a.jpg", None]
    assert located(["a.jpg", "A.jpg"], "a.JPG") == [None]


def test_an_exact_name_keeps_its_file(located):
    assert located(["images/1.jpg"], "1.png", "1.jpg") == [None, "images/1.jpg"]
    assert located(["images/pic.jpg"], "raw/pic.jpg", "images/pic.jpg") == [None, "images/pic.jpg"]


def test_other_splits_are_not_taken(located):
    assert located(["train/x.jpg", "val/pic.JPG"], set=[], train__a=["x.jpg", "pic.jpg"]) == ["train/x.jpg", None]
    assert located(["test/pic.jpg"], "images/train/pic.jpg") == [None]


def test_the_same_name_in_each_split(located):
    """The Windows paths of each json lead into its own split."""
    jsons = {f"{split}__a": [rf"D:\set\{n}.jpg" for n in MANY] for split in ("train", "val")}
    files = [f"{split}/pictures/{n}.jpg" for split in ("train", "val") for n in MANY]
    assert located(files, set=[], **jsons) == files


def test_lvis_val_names_images_of_train2017(located):
    found = located(["coco/train2017/pic.jpg"], lvis_v1_val=["train2017/pic.JPG"], set=[])
    assert found == ["coco/train2017/pic.jpg"]


def test_common_names_in_another_folder(located):
    """A camera numbers its pictures anew. Three or more names together show a folder that was renamed."""
    assert located(["other/4.jpg"], "mine/4.jpg") == [None]
    assert located([f"other/{n}.jpg" for n in range(3)], *(f"mine/{n}.jpg" for n in range(3))) == [
        f"other/{n}.jpg" for n in range(3)
    ]
    assert located([f"other/{n}.jpg" for n in range(3)], *(f"mine/{n}.jpg" for n in range(9))) == [None] * 9
    assert located(["other/harbour-at-night.jpg"], "mine/harbour-at-night.jpg") == ["other/harbour-at-night.jpg"]


def test_another_camera_is_not_taken(located):
    """`cam2` has the names of `cam1`, too. So its picture 12 is not that of `cam1`."""
    files = [f"cam1/{n}.jpg" for n in MANY if n != 11] + [f"cam2/{n}.jpg" for n in MANY]
    assert located(files, *(f"cam1/{n}.jpg" for n in MANY)) == [*files[:11], None]


def test_small_copies_are_not_taken(located):
    files = [f"images/photo-{n}.jpg" for n in MANY if n] + [f"thumbs/photo-{n}.jpg" for n in MANY]
    assert located(files, *(f"photo-{n}.jpg" for n in MANY if n), "images/photo-0.jpg") == [*files[:11], None]


def test_masks_beside_the_images_are_not_taken(made, read):
    names = [f"p{n}.jpg" for n in MANY]
    root = made([*names[1:]], {"set.json": coco_json(*names)})
    for name in names:
        Image.new("RGB", (64, 48)).save(root / f"{name[:-4]}.png")
    images = read(root).images
    assert not images[0].file.exists() and all(image.file.exists() for image in images[1:12])


@pytest.mark.parametrize("mode", ["P", "L"])
def test_a_mask_alone_is_not_taken(made, read, mode):
    root = made([], {"set.json": coco_json("pic.jpg")})
    Image.new(mode, (64, 48)).save(root / "pic.png")
    assert not read(root).images[0].file.exists()


def test_a_renamed_folder_with_masks(made, read):
    """The images lie in `images`, the masks of the same names in `masks`."""
    names = [f"p{n}" for n in MANY]
    root = made([f"images/{name}.jpg" for name in names], {"set.json": coco_json(*(f"raw/{n}.jpg" for n in names))})
    for name in names:
        (root / "masks").mkdir(exist_ok=True)
        Image.new("L", (64, 48)).save(root / f"masks/{name}.png")
    found = [image.file.relative_to(root) for image in read(root).images[:12]]
    assert list(map(str, found)) == [f"images/{name}.jpg" for name in names]


def test_files_without_the_suffix_of_an_image(made, read):
    root = made([], {"set.json": coco_json("notes"), "notes.md": "text"})
    assert not read(root).images[0].file.exists()


def test_with_links_a_file_outside_comes_first(made, read, tmp_path, picture):
    far = picture(tmp_path / "far/pic.jpg")
    root = made(["images/pic.jpg"], {"set.json": coco_json(str(far))})
    assert read(root).images[0].file == root / "images/pic.jpg"
    assert read(root, follow_links=True).images[0].file == far

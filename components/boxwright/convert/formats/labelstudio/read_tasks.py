"""Reads Label Studio's files as one data set."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from boxwright.convert import notices
from boxwright.convert.formats.labelstudio import regions, tasks
from boxwright.convert.formats.labelstudio.tasks import Task
from boxwright.convert.reading import files, json_files, merge_annotations, shape_notices
from boxwright.convert.reading.fields import parse_group
from boxwright.convert.reading.files import Folder
from boxwright.convert.reading.locate_images import ImageLocator
from boxwright.convert.reading.reader import NearMiss, Reader
from boxwright.convert.reading.source import Fault, Image, Source
from boxwright.core import plurals
from boxwright.core.findings import Finding
from boxwright.core.runtime.errors import UserError

_LISTS, _RESULT = ("annotations", "completions", "task"), "result"
_SHORT = ("original_width", "original_height")
_LABELS = ("rectanglelabels", "polygonlabels", "ellipselabels", "brushlabels", "keypointlabels", "labels")
_TASK = ("data", "predictions", "annotations")
_BEGINS = b"[{"


def find(folder: Folder) -> list[Path]:
    """The json files with a `result` of annotations and the `data` of tasks, and those of JSON-MIN."""
    return [file for file in folder.other_files if _is_export(file)]


def _is_export(file: Path) -> bool:
    """A file of another format is searched for three keys only, because that takes 5 milliseconds for each key of a large one."""
    keys = json_files.keys_in(file, (_RESULT, *_SHORT), _BEGINS)
    if _RESULT in keys:
        found = json_files.keys_in(file, ("data", *_LISTS), _BEGINS)
        return "data" in found and len(found) > 1
    return len(keys) == len(_SHORT) and bool(json_files.keys_in(file, _LABELS, _BEGINS))


def near_miss(file: Path) -> NearMiss | None:
    """Tasks without annotations, and Label Studio's csv."""
    if len(json_files.keys_in(file, _TASK, _BEGINS)) == len(_TASK) and not _is_export(file):
        return NearMiss(
            "has tasks of Label Studio, and none with the result of an annotation; label them, and export as JSON"
        )
    if file.suffix.lower() == ".csv":
        start = files.load_start(file, 4096) or b""
        if b"annotation_id" in start.partition(b"\n")[0] and b"original_width" in start:
            return NearMiss("is a csv of Label Studio, which is not read; export the project as JSON")
    return None


def read(folder: Folder, annotations: list[Path], column: str = "") -> Source:
    """Reads all files as one data set. The split of an image is that of the folder or name of the file, else of its own folder.

    column: a field of the tasks. Raises UserError for a file that is not read, and if no task has an annotation.
    """
    data = Source("labelstudio", folder.root)
    found = {file: tasks.load(file) for file in annotations}
    every = [task for each in found.values() for task in each]
    _check_annotated(every, annotations)
    splits = {file: folder.split_of_list(file) for file in found}
    named = (
        (tasks.file_name(t.image), file, splits[file])
        for file, each in found.items()
        for t in each
        if not _why_unusable(t)
    )
    locator = ImageLocator(folder, named)
    sets = [[_image(task, file, splits[file], locator, column) for task in each] for file, each in found.items()]
    images, merged = merge_annotations.merge_listings(sets, "Label Studio json")
    data.categories = list(dict.fromkeys(item.name for image in images for item in image.objects if item.name))
    data.notices += merged + locator.notices() + _region_notices(every) + _choice_notices(every)
    data.images = merge_annotations.mark_duplicates(images)
    data.images += merge_annotations.unlisted_images(folder, data.images, "unlisted", "in no Label Studio json")
    return data


def _check_annotated(every: Sequence[Task], annotations: Sequence[Path]) -> None:
    if every and all(tasks.chosen(task)[0] is None for task in every):
        why = Counter(map(tasks.why_not, every)).most_common(1)[0][0]
        raise UserError(
            f"{annotations[0]}: none of {plurals.count(len(every), 'task')} has an annotation ({why}); label and submit them, or "
            "turn predictions into annotations (Data Manager: Create Annotations From Predictions), and export again"
        )


def _why_unusable(task: Task) -> str:
    name = tasks.file_name(task.image)
    if task.fault or not files.is_text_name(name):
        return task.fault or f"image {ascii(task.image)[:100]} names no file"
    return ""


def _image(task: Task, file: Path, split: str | None, locator: ImageLocator, column: str) -> Image:
    root, best = locator.root, tasks.chosen(task)[0]
    objects = tuple(item for region in (best.regions if best else ()) for item in regions.objects(region))
    group = parse_group(task.data.get(column)) if column else None
    if why := _why_unusable(task):
        name = ascii(task.image[:200])[1:-1] or f"{files.relative_name(file, root)}: task without image"
        return Image(root / name, name, objects, split, fault=Fault("unreadable_annotation", why[:200]))
    path = locator.find(tasks.file_name(task.image), file)
    filename = files.relative_name(path, root)
    fault = None if best else Fault("unlabelled", tasks.why_not(task))
    return Image(path, filename, objects, split or locator.folder.split_of(path), _size(best), True, fault, group)


def _size(best: tasks.Annotation | None) -> tuple[int, int] | None:
    sizes = (region.size for region in (best.regions if best else ()) if region.size)
    first = next(sizes, None)
    return (int(first[0]), int(first[1])) if first and min(first) >= 1 else None


def _region_notices(every: Sequence[Task]) -> list[Finding]:
    found = tasks.all_regions(every)
    kinds, rotated = Counter(region.kind for region in found), sum(map(regions.is_rotated, found))
    said = shape_notices.build(kinds, rotated, (*regions.BOXES, "damaged"))
    several = [region for region in found if len(region.labels) > 1]
    if several:
        said.append(
            notices.build(
                "several_labels", "Some regions have several labels",
                f"{plurals.count(len(several), 'region', 'has')} several labels (first: {regions.in_words(several[0].labels)}): "
                "convert made an object of each label", count=len(several), of=len(found), what="regions", severity="low",
                remedy="If a region shows one object, give it one label.",
            )
        )  # fmt: skip
    return said


def _choice_notices(every: Sequence[Task]) -> list[Finding]:
    differ = tuple(task.image for task in every if tasks.chosen(task)[1])
    if not differ:
        return []
    return [
        notices.build(
            "annotations_differ", "Some tasks have several annotations that differ",
            f"{plurals.count(len(differ), 'task', 'has')} several annotations that differ: the one that is marked as ground "
            "truth was used, else the newest", count=len(differ), of=len(every), what="tasks", severity="medium", items=differ,
            remedy="Review these tasks, mark the right annotation as ground truth, or delete the others, and export again.",
        )
    ]  # fmt: skip


READER = Reader(
    expected="Label Studio json (JSON or JSON-MIN)",
    find=find,
    read=read,
    near_miss=near_miss,
    set_suffixes=(".json",),
    has_columns=True,
)

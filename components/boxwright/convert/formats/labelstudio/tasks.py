"""Label Studio's files as images, each with the annotation of it that counts."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from boxwright.convert.formats.labelstudio import regions
from boxwright.convert.formats.labelstudio.regions import Region
from boxwright.convert.reading import json_files
from boxwright.core.foreign_files.walk import is_image
from boxwright.core.runtime.errors import UserError, shown

# Names of the field that holds the image. The labelling config chooses the name.
_FIELDS = ("image", "img", "photo", "picture", "image_url", "url", "file_name", "filename", "path")
# Fields of JSON-MIN that the tool writes.
_OF_THE_TOOL = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
_LONGEST_URL = 8192
# The folder of a project on the server.
_UPLOAD = re.compile(r"^/?data/upload/(\d+/)?")
Entry = Mapping[str, Any]


class Annotation(NamedTuple):
    """One annotation of an image. time: when it was last changed, as text that sorts."""

    regions: list[Region]
    time: str
    is_truth: bool
    is_cancelled: bool


class Task(NamedTuple):
    """One image. image: as the file names it. data: the fields of the task. predictions: a model's boxes are there."""

    image: str
    data: Entry
    annotations: list[Annotation]
    predictions: bool
    fault: str = ""


def load(file: Path) -> list[Task]:
    """Raises UserError for a file that is not json, or has something else than tasks in its list."""
    try:
        content = json_files.load(file)
    except json_files.InvalidJson as error:
        raise UserError(f"{file} is not valid json: {error}; export it again or repair that place") from None
    entries = content if isinstance(content, list) else [content]
    if wrong := next((index for index, entry in enumerate(entries) if not isinstance(entry, dict)), None):
        raise UserError(f"{file}: entry {wrong} is {shown(entries[wrong])}; expected a task of Label Studio")
    tasks: dict[object, Task] = {}
    for index, entry in enumerate(entries):
        task = _task(entry) if isinstance(entry, dict) else Task("", {}, [], False, f"{shown(entry)} is no task")
        _add(tasks, (str(entry.get("id", index)) if isinstance(entry, dict) else index, task.image), task)
    return list(tasks.values())


def _add(tasks: dict[object, Task], key: object, task: Task) -> None:
    """JSON-MIN has an entry for each annotation of a task."""
    known = tasks.setdefault(key, task)
    if known is not task:
        known.annotations.extend(task.annotations)


def _task(entry: Entry) -> Task:
    """A task with its annotations, an annotation with its task (as cloud storage gets it), or an entry of JSON-MIN."""
    if isinstance(whole := entry.get("task"), dict) and "result" in entry:
        entry = {**whole, "annotations": [entry]}
    if not isinstance(data := entry.get("data"), dict):
        return _short_task(entry)
    found = entry.get("annotations", entry.get("completions"))
    annotations = [_annotation(each) for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    image, why = image_in(data)
    return Task(image, data, annotations, bool(entry.get("predictions")), why)


def _annotation(entry: Entry) -> Annotation:
    result = entry.get("result")
    found = regions.from_result(result if isinstance(result, list) else [])
    cancelled = bool(entry.get("was_cancelled") or entry.get("skipped"))
    return Annotation(found, _time(entry), entry.get("ground_truth") is True, cancelled)


def _time(entry: Entry) -> str:
    """Seconds have ten digits since 2001, so that texts of them sort as dates do."""
    return str(entry.get("updated_at") or entry.get("created_at") or "")


def _short_task(entry: Entry) -> Task:
    data = {key: value for key, value in entry.items() if key not in _OF_THE_TOOL}
    image, why = image_in(data)
    found = regions.from_fields(data.values())
    return Task(image, data, [Annotation(found, _time(entry), False, False)], False, why)


def image_in(data: Entry) -> tuple[str, str]:
    """The image that the fields of a task name, and why there is none: the field of a usual name, else the first image."""
    texts = {key: value for key, value in data.items() if isinstance(value, str)}
    names = {key: name for key, value in texts.items() if is_image(Path(name := _last_part(value)))}
    ordered = [*(key for field in _FIELDS for key in names if key.lower() == field), *names]
    if ordered:
        return texts[ordered[0]], ""
    pages = any(isinstance(value, list) and value and isinstance(value[0], str) for value in data.values())
    why = "a list of images, and only tasks of one image are read" if pages else "no field with an image"
    return "", f"the task has {why}: {shown(dict(data))}"


def _last_part(text: str) -> str:
    return file_name(text).rsplit("/", 1)[-1] if len(text) <= _LONGEST_URL else ""


def file_name(text: str) -> str:
    """The path that a task means: without the address of the server, its query and its percent signs.

    `/data/local-files/?d=a/b%20c.jpg` is `a/b c.jpg`, `s3://bucket/a/b.jpg` is `a/b.jpg`, and `/data/upload/1/a.jpg` is `a.jpg`.
    Newer versions write a base64 of the address: `/tasks/1/resolve/?fileuri=czM6...`.
    """
    try:
        parts = urlsplit(text)
        query = parse_qs(parts.query) if parts.query else {}
    except ValueError:  # an address with odd brackets
        return text
    if "fileuri" in query and (address := _decoded(query["fileuri"][0])):
        return file_name(address)
    if "local-files" in parts.path and "d" in query:
        return query["d"][0]
    if len(parts.scheme) > 1:  # one letter is a disk of Windows
        text = unquote(parts.path).lstrip("/")
    return _UPLOAD.sub("", text)


def _decoded(code: str) -> str:
    try:
        found = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return found if "fileuri=" not in found else ""


def chosen(task: Task) -> tuple[Annotation | None, bool]:
    """The annotation that counts, and whether others of the task differ from it: ground truth first, then the newest."""
    live = [each for each in task.annotations if not each.is_cancelled]
    if not live:
        return None, False
    best = max(live, key=lambda each: (each.is_truth, each.time))
    return best, len(live) > 1 and len(set(map(_content, live))) > 1


def _content(annotation: Annotation) -> tuple[str, ...]:
    return tuple(sorted(str((r.kind, list(r.value.items()), r.labels)) for r in annotation.regions))


def why_not(task: Task) -> str:
    """Why a task has no annotation that counts."""
    if task.annotations:
        return "the task was skipped in Label Studio"
    return "only a model's predictions, no annotation" if task.predictions else "the task has no annotation"


def all_regions(tasks: Iterable[Task]) -> list[Region]:
    """The regions of the annotations that count."""
    return [region for task in tasks if (best := chosen(task)[0]) for region in best.regions]

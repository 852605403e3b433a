"""The whole conversion: reads, plans, writes into temporary folders, counts, and moves the outputs into place."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from boxwright.convert.config import Config
from boxwright.convert.frames import boxes_for
from boxwright.convert.label_maps import given
from boxwright.convert.plan import box_readings, example_plan, failures
from boxwright.convert.plan.example_plan import Plan
from boxwright.convert.plan.image_headers import read_header
from boxwright.convert.reading import merge_datasets
from boxwright.convert.reading.files import printable_name
from boxwright.convert.reading.source import Reject
from boxwright.convert.splits import grouping, stratify
from boxwright.convert.splits.assign_splits import assign_splits
from boxwright.convert.writing import local_workers, manifest, shards, table_rows, worker_failures
from boxwright.convert.writing.local_workers import Prefetch
from boxwright.convert.writing.shards import Written
from boxwright.core import labels
from boxwright.core.artifacts.dataset import Dataset
from boxwright.core.records import tables, tfrecords
from boxwright.core.runtime import atomic_dirs, digests
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import data_sets


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Turns the garbage collector off. The conversion makes no reference cycles; searching for them took a third of its time.
    Use it around a whole function. The function's objects are then freed before the collector starts again.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_without_garbage_collection()
def convert(config: Config) -> tuple[Dataset, str]:
    """Returns the manifest and the digest of the tables."""
    fractions = stratify.parse_fractions(config.split_fractions)
    if config.beam_options:
        shards.build_runner(config.beam_options)  # raises an error for wrong options before hours of reading
    staged = atomic_dirs.staged((config.records, config.tables), (tfrecords.MANIFEST, tables.IMAGES))
    failing = worker_failures.explained(config.records, config.tables)
    with failing, staged as (folder, aside), local_workers.pool(config.workers):
        planned = _plan(config) if config.backgrounds == "keep" else _without_backgrounds(_plan(config))
        processes = local_workers.count(config.workers, len(planned.images))
        assigned = assign_splits(
            planned, data=config.data, fractions=fractions, seed=config.seed, group=config.group, how=config.pixels,
            processes=processes,
        )  # fmt: skip
        built, written = _write_records(assigned, folder, config, processes)
        _write_tables(aside, written, assigned.classes)
    return built, digests.of_path(config.tables)


def _plan(config: Config) -> Plan:
    """A separate function, so that the annotations are freed before the later stages need memory."""
    items = labels.read(fetch.file(config.label_map)) if config.label_map else []
    folders = [replace(each, label_map=items) for each in merge_datasets.open_folders(config.data, config.follow_links)]
    headers = Prefetch(read_header, [path for each in folders for path in each.image_paths()], example_plan.HEADERS)
    source = merge_datasets.read(config.data, folders, config.format, grouping.column(config.group))
    source, classes = given.apply(source, items) if config.label_map else (source, None)
    return example_plan.build(
        source, classes, fix=config.fix, missing=config.missing, most=config.max_objects,
        processes=local_workers.count(config.workers, len(source.images)), headers=headers.done(),
        boxes_for=boxes_for.parse(config.boxes_for), boxes_as=box_readings.parse(config.boxes_as),
    )  # fmt: skip


def _without_backgrounds(planned: Plan) -> Plan:
    """The plan with images without objects moved to the rejects."""
    rejects = [Reject(image.filename, None, "background") for image in planned.images if not image.objects]
    images = [image for image in planned.images if image.objects]
    return replace(planned, images=images, rejects=planned.rejects + rejects)


def _write_records(planned: Plan, folder: Path, config: Config, processes: int) -> tuple[Dataset, list[Written]]:
    layout = shards.layout(planned.images, config.shards)
    written = shards.write(
        layout, planned.classes, folder,
        data=config.data, pixels=config.pixels, processes=processes, beam_options=config.beam_options,
    )  # fmt: skip
    damaged = [reject for w in written for reject in w.rejects]
    failures.fail_if_damaged(any(image.objects for w in written for image, _ in w.images), damaged, config.data)
    rejects = planned.rejects + damaged
    rejects = sorted(_with_made_splits(rejects, written) if rejects else [], key=_image_first)
    names = ",".join(printable_name(Path(part).name) for part in data_sets(config.data))
    built = manifest.build(planned, layout, written, rejects, source=names)
    labels.write(planned.classes, folder / tfrecords.LABEL_MAP)
    manifest.write(folder, built, rejects)
    return built, written


def _with_made_splits(rejects: list[Reject], written: list[Written]) -> list[Reject]:
    """The rejects. An object of a stored image has the split that convert gave to the image."""
    moved = [reject.object is not None and reject.reason != "image_rejected" for reject in rejects]
    files = {reject.file for reject, move in zip(rejects, moved, strict=True) if move}
    made = {image.filename: image.split for w in written for image, _ in w.images if image.filename in files}
    return [
        reject._replace(split=made.get(reject.file, reject.split)) if move else reject
        for reject, move in zip(rejects, moved, strict=True)
    ]


def _image_first(reject: Reject) -> tuple[str, int, str]:
    """Sorts by file, the image itself before its objects."""
    return reject.file, -1 if reject.object is None else reject.object, reject.reason


def _write_tables(folder: Path, written: list[Written], classes: list[str]) -> None:
    stored = sorted((pair for w in written for pair in w.images), key=lambda pair: pair[0].image_id)
    images = [image for image, _ in stored]
    tables.write(folder, table_rows.image_columns(stored), table_rows.object_columns(images, classes))

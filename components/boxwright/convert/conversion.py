"""The whole conversion: read, plan, write aside, count, move into place."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from boxwright.convert.config import Config
from boxwright.convert.plan import example_plan
from boxwright.convert.plan.example_plan import Plan
from boxwright.convert.plan.image_headers import read_header
from boxwright.convert.reading import merge_datasets
from boxwright.convert.reading.files import printable_name
from boxwright.convert.reading.source import Reject
from boxwright.convert.splits import assign_splits, grouping, stratify
from boxwright.convert.writing import local_workers, table_rows, worker_failures
from boxwright.convert.writing.local_workers import Prefetch
from boxwright.core import labels
from boxwright.core.records import tables, tfrecords
from boxwright.core.runtime import atomic_dirs, digests
from boxwright.core.storage import fetch
from boxwright.core.storage.uri import data_sets

if TYPE_CHECKING:
    from boxwright.convert.writing.shards import Written


@contextmanager
def _without_collection() -> Iterator[None]:
    """What is read, planned and written has no cycles; walking all of it again and again for some took a third of the time.
    Around a whole function, whose objects are gone by its end: else all of them would be walked once more."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_without_collection()
def convert(config: Config) -> tuple[dict, str]:
    """Returns the manifest and the digest of the tables."""
    fractions = stratify.parse_fractions(config.split_fractions)
    _check_beam_options(config.beam_options)
    staged = atomic_dirs.staged((config.records, config.tables), (tfrecords.MANIFEST, tables.IMAGES))
    failing = worker_failures.explained(config.records, config.tables)
    with failing, staged as (folder, aside), local_workers.pool(config.workers):
        planned = _planned(config)
        processes = local_workers.count(config.workers, len(planned.images))
        shared = assign_splits.share_out(
            planned, data=config.data, fractions=fractions, seed=config.seed, group=config.group, how=config.pixels,
            processes=processes,
        )  # fmt: skip
        content, written = _write_records(shared, folder, config, processes)
        _write_tables(aside, written, shared.classes)
    return content, digests.of_path(config.tables)


def _check_beam_options(beam_options: str) -> None:
    """Before hours of looking. Without any, Beam comes later: an error in the data need not wait ten seconds for its import."""
    if beam_options:
        from boxwright.convert.writing import shards

        shards.runner_of(beam_options)


def _planned(config: Config) -> Plan:
    """What was read for it is gone by the end: what comes next takes memory, too."""
    classes = labels.read(fetch.file(config.label_map)) if config.label_map else None
    folders = merge_datasets.open_folders(config.data)
    headers = Prefetch(read_header, [str(file) for each in folders for file in each.image_files], example_plan.HEADERS)
    source = merge_datasets.read(config.data, folders, config.format, grouping.column(config.group))
    return example_plan.make(
        source, classes, fix=config.fix, missing=config.missing, most=config.max_objects,
        processes=local_workers.count(config.workers, len(source.images)), headers=headers.done(),
    )  # fmt: skip


def _write_records(planned: Plan, folder: Path, config: Config, processes: int) -> tuple[dict, list["Written"]]:
    from boxwright.convert.writing import manifest, shards  # here, because it brings Beam

    layout = shards.layout(planned.images, config.shards)
    how = {"data": config.data, "pixels": config.pixels, "processes": processes, "beam_options": config.beam_options}
    written = shards.write(layout, planned.classes, folder, **how)
    damaged = [reject for w in written for reject in w.rejects]
    example_plan.fail_if_damaged((image for w in written for image, _ in w.images), damaged, config.data)
    rejects = _ordered(planned.rejects + damaged)
    names = ",".join(printable_name(Path(part).name) for part in data_sets(config.data))
    content = manifest.build(planned, layout, written, rejects, source=names)
    manifest.reconcile(content, layout, written)
    labels.write(planned.classes, folder / tfrecords.LABEL_MAP)
    content["digest"] = manifest.content_digest(content, layout, written)
    manifest.write(folder, content, rejects)
    return content, written


def _ordered(rejects: list[Reject]) -> list[Reject]:
    """By file, the image itself before its objects."""
    return sorted(rejects, key=lambda r: (r.file, -1 if r.object is None else r.object, r.reason))


def _write_tables(folder: Path, written: list["Written"], classes: list[str]) -> None:
    stored = sorted((pair for w in written for pair in w.images), key=lambda pair: pair[0].image_id)
    images = [image for image, _ in stored]
    tables.write(folder, table_rows.image_columns(stored), table_rows.object_columns(images, classes))

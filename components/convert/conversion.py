"""The whole conversion: read, plan, write aside, count, move into place."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from boxwright.convert import failures, grouping, merge, plan, sharing, splits, table_rows, workers
from boxwright.convert.headers import read_header
from boxwright.convert.plan import Plan
from boxwright.convert.source import Reject, writable
from boxwright.convert.step import Config
from boxwright.convert.workers import Begun
from boxwright.core import digests, labels, outputs, records, storage, tables

if TYPE_CHECKING:
    from boxwright.convert.shards import Written


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
    fractions = splits.parse_fractions(config.split_fractions)
    _check_beam_options(config.beam_options)
    staged = outputs.staged((config.records, config.tables), (records.MANIFEST, tables.IMAGES))
    failing = failures.explained(config.records, config.tables)
    with failing, staged as (folder, aside), workers.pool(config.workers):
        planned = _planned(config)
        processes = workers.count(config.workers, len(planned.images))
        shared = sharing.share_out(
            planned, data=config.data, fractions=fractions, seed=config.seed, group=config.group, how=config.pixels,
            processes=processes,
        )  # fmt: skip
        content, written = _write_records(shared, folder, config, processes)
        _write_tables(aside, written, shared.classes)
    return content, digests.of_path(config.tables)


def _check_beam_options(beam_options: str) -> None:
    """Before hours of looking. Without any, Beam comes later: an error in the data need not wait ten seconds for its import."""
    if beam_options:
        from boxwright.convert import shards

        shards.runner_of(beam_options)


def _planned(config: Config) -> Plan:
    """What was read for it is gone by the end: what comes next takes memory, too."""
    classes = labels.read(storage.fetch(config.label_map)) if config.label_map else None
    folders = merge.listed(config.data)
    headers = Begun(read_header, [str(file) for each in folders for file in each.pictures], plan.HEADERS)
    source = merge.read(config.data, folders, config.format, grouping.column(config.group))
    return plan.make(
        source, classes, fix=config.fix, missing=config.missing, most=config.max_objects,
        processes=workers.count(config.workers, len(source.images)), headers=headers.done(),
    )  # fmt: skip


def _write_records(planned: Plan, folder: Path, config: Config, processes: int) -> tuple[dict, list["Written"]]:
    from boxwright.convert import manifest, shards  # here, because it brings Beam

    layout = shards.layout(planned.images, config.shards)
    how = {"data": config.data, "pixels": config.pixels, "processes": processes, "beam_options": config.beam_options}
    written = shards.write(layout, planned.classes, folder, **how)
    damaged = [reject for w in written for reject in w.rejects]
    plan.fail_if_damaged((image for w in written for image, _ in w.images), damaged, config.data)
    rejects = _ordered(planned.rejects + damaged)
    names = ",".join(writable(Path(part).name) for part in storage.places(config.data))
    content = manifest.build(planned, layout, written, rejects, source=names)
    manifest.reconcile(content, layout, written)
    labels.write(planned.classes, folder / records.LABEL_MAP)
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

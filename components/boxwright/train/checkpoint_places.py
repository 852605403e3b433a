"""Where the checkpoints of a training outlive its machine: a bucket, or a folder. A checkpoint there is complete or absent.

PLACE/train-DIGEST/00000050 holds the files of one checkpoint, as a publication (in a bucket) or with a list of digests (in a
folder). DIGEST identifies the training, so that trainings share a place and never touch each other's files.
"""

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from boxwright.core.runtime import atomic_dirs, digests, text_files
from boxwright.core.runtime.errors import Unreachable, UserError
from boxwright.core.storage import download, lookup, upload, uri
from boxwright.core.storage.publication import MARKER

PREFIX = "train-"
# The list of the files of a checkpoint in a folder, with their digests.
_DIGESTS = "digests.json"
_NUMBER = re.compile("[0-9]{8}")


class Place(Protocol):
    """The checkpoints of one training. where: its URI or path. All methods raise UserError, Unreachable if nothing answers."""

    where: str

    def numbers(self) -> list[str]:
        """Names of its checkpoints, ascending. One that is not complete may be among them."""
        ...

    def other_trainings(self) -> int:
        """Number of other trainings that have files beside it."""
        ...

    def put(self, name: str, files: Mapping[str, Path]) -> None: ...

    def get(self, name: str, folder: Path) -> None:
        """Copies the files of a checkpoint to a new folder. Raises UserError if it is not complete, or damaged."""
        ...

    def remove(self, name: str) -> None: ...


def at(given: str, training: str) -> Place:
    """given: a path or the URI of a bucket; training: `train-DIGEST`. Raises UserError for a folder that does not exist."""
    if uri.in_bucket(given):
        return InBucket(given, training)
    folder = Path(given).expanduser()
    if not folder.is_dir():  # of a volume that is not mounted, a folder made here would be lost with the machine
        raise UserError(f"--checkpoints {given}: this folder does not exist; mount its volume, or make the folder")
    return InFolder(folder, training)


class InBucket:
    def __init__(self, given: str, training: str) -> None:
        self.above, self.training = given.rstrip("/"), training
        self.where = f"{self.above}/{training}"

    def numbers(self) -> list[str]:
        found = (name.split("/") for name in lookup.names(self.where, ""))
        return _numbers(name for name, *file in found if file == [MARKER])

    def other_trainings(self) -> int:
        found = (name.partition("/") for name in lookup.names(self.above, PREFIX))
        return len({training for training, slash, _ in found if slash} - {self.training})

    def put(self, name: str, files: Mapping[str, Path]) -> None:
        upload.publish_files(files, f"{self.where}/{name}")

    def get(self, name: str, folder: Path) -> None:
        aside = folder.with_name(f"{folder.name}.download")
        try:
            download.copy(lookup.find(f"{self.where}/{name}"), aside).rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def remove(self, name: str) -> None:
        upload.delete(f"{self.where}/{name}")


class InFolder:
    """A folder on a disk that several machines mount, such as NFS."""

    def __init__(self, given: Path, training: str) -> None:
        self.folder = given.resolve() / training
        self.where = str(self.folder)

    def numbers(self) -> list[str]:
        with _explained(self.where, "read"):
            return _numbers(file.parent.name for file in self.folder.glob(f"*/{_DIGESTS}"))

    def other_trainings(self) -> int:
        with _explained(self.where, "read"):
            return len({path.name for path in self.folder.parent.glob(f"{PREFIX}*")} - {self.folder.name})

    def put(self, name: str, files: Mapping[str, Path]) -> None:
        with (
            _explained(self.where, "written"),
            atomic_dirs.staged([self.folder / name], [_DIGESTS]) as (folder,),
        ):
            for file, source in files.items():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder / file)
            text_files.write(folder / _DIGESTS, json.dumps(digests.of_each(folder)))

    def get(self, name: str, folder: Path) -> None:
        with _explained(self.where, "read"):
            shutil.copytree(self.folder / name, folder, symlinks=True)
            (folder / atomic_dirs.WRITTEN).unlink(missing_ok=True)
            listed = (folder / _DIGESTS).read_bytes()
            (folder / _DIGESTS).unlink()
            if listed != json.dumps(digests.of_each(folder)).encode():
                raise UserError(f"{self.where}/{name}: the checkpoint is damaged: its files differ from its {_DIGESTS}")

    def remove(self, name: str) -> None:
        with _explained(self.where, "removed"), suppress(FileNotFoundError):  # an equal training has removed it
            shutil.rmtree(self.folder / name)


def _numbers(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if _NUMBER.fullmatch(name))


@contextmanager
def _explained(where: str, done: str) -> Iterator[None]:
    try:
        yield
    except (shutil.Error, FileNotFoundError, NotADirectoryError) as error:
        raise UserError(f"{where}: a checkpoint cannot be {done}: it is not complete ({str(error)[:200]})") from None
    except OSError as error:
        raise Unreachable(f"{where} cannot be {done}: {error.strerror or error}") from None

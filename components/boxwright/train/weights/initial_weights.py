"""Finds initial weights and reads them as arrays by TF-slim variable name."""

import lzma
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from boxwright.core.od_api import detection_model, tf
from boxwright.core.pretrained import pretrained_model, zoo
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch
from boxwright.train.weights.slim_names import slim_name

_EPSILON = 0.001


@dataclass(frozen=True)
class Source:
    """Initial weights, as arrays by TF-slim variable name.

    name: path or URI of the weights; `none` for training from scratch.
    notice: a warning for the user; empty if there is none.
    recipe: the recipe of the model that `boxwright train` wrote; None for other weights, whose classes are unknown.
    """

    name: str
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    notice: str = ""
    recipe: Recipe | None = None

    @property
    def is_scratch(self) -> bool:
        """Whether training starts from scratch."""
        return self.name == "none"

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the weights; empty if unknown."""
        return self.recipe.classes if self.recipe else ()


def find(init: str, recipe: Recipe) -> Source:
    """Reads the weights that `init` names (see Config.init).

    Raises UserError if they cannot be reached or read, or if an earlier run's model has another backbone. The backbone is
    checked in the recipe, before the weights are read.
    """
    if init == "none":
        return Source(
            "none",
            notice="Training started FROM SCRATCH (--init none). Expect a much lower AP than with pretrained weights.",
        )
    if init != "auto":
        if Path(f"{init}.index").is_file():
            return Source(init, _read_checkpoint(Path(init), Path(init)))
        path = fetch.file(init)
        if path.is_dir() and (theirs := pretrained_model.read(path, init)):
            pretrained_model.require_same_backbone(init, theirs, recipe)
            return read_trained_model(init, path)
        return Source(init, read(path))
    if recipe.depth_multiplier != 1.0:
        return Source(
            "none",
            notice=f"Training started FROM SCRATCH: the model zoo has no checkpoint of width {recipe.depth_multiplier}.",
        )
    uri = zoo.uri(recipe.model)
    try:
        return Source(uri, read(fetch.file(uri)))
    except UserError as error:
        return Source(
            "none",
            notice="Training started FROM SCRATCH because the model zoo's checkpoint cannot be reached. Expect a much lower AP "
            f"than with pretrained weights. Give a checkpoint with --init. ({error})",
        )


def read_trained_model(name: str, folder: Path) -> Source:
    """The weights and the recipe of a folder that `boxwright train` wrote. Raises UserError if its model is damaged."""
    model, recipe = detection_model.load(folder)
    arrays = {slim_name(v.name, recipe.grid): v.numpy() for v in detection_model.variables(model)}
    return Source(name, arrays, recipe=recipe)


def read(path: Path) -> dict[str, np.ndarray]:
    """Arrays by TF-slim variable name from an .npz, a TF1 checkpoint folder or its .tar.gz. Raises UserError for any other."""
    if path.is_dir():
        return _read_checkpoint(_prefix(path.rglob("*"), path), path)
    if tarfile.is_tarfile(path):
        return _read_archive(path)
    if zipfile.is_zipfile(path):
        return _unfold(_read_npz(path))
    raise UserError(
        f"{path}: these are not initial weights; expected a TF1 checkpoint (folder or .tar.gz with model.ckpt.index), an .npz "
        "with TF-slim variable names, or a folder that `boxwright train` wrote"
    )


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"{path}: not a readable .npz ({error}); save it again with arrays of numbers") from None
    if odd := [name for name, array in arrays.items() if getattr(array, "dtype", np.dtype(object)).kind not in "fiu"]:
        raise UserError(f"{path}: {odd[0]} is not an array of numbers; expected an .npz with TF-slim variable names")
    return arrays


def _read_archive(path: Path) -> dict[str, np.ndarray]:
    """Extracts only the checkpoint's files, under their base names, because a path in an archive may lead anywhere."""
    try:
        with tarfile.open(path) as archive, tempfile.TemporaryDirectory() as folder:
            files = {Path(member.name): member for member in archive if member.isfile()}
            _read_to_end(archive)
            prefix = _prefix(files, path)
            for file in (file for file in files if (file.parent, file.stem) == (prefix.parent, prefix.name)):
                _extract(archive, files[file], Path(folder) / file.name)
            return _read_checkpoint(Path(folder) / prefix.name, path)
    except (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise UserError(
            f"{path}: the archive is damaged or there is no space to unpack it ({error}); download it again, or free space"
        ) from None


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    packed = archive.extractfile(member)
    if packed is not None:  # it is a regular file
        with packed, target.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)


def _read_to_end(archive: tarfile.TarFile) -> None:
    """Reads the archive to its end, so that a wrong checksum there raises an error. tarfile itself stops at a bad header."""
    packed = archive.fileobj
    while packed is not None and packed.read(1 << 20):
        pass


def _prefix(files: Iterable[Path], named: Path) -> Path:
    indices = sorted(file for file in files if file.suffix == ".index")
    if not indices:
        raise UserError(f"{named}: it holds no checkpoint (no *.index file); expected the model zoo's model.ckpt.*")
    return indices[-1].with_suffix("")


def _read_checkpoint(prefix: Path, named: Path) -> dict[str, np.ndarray]:
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        names = reader.get_variable_to_shape_map()
        if any(name.startswith("_CHECKPOINTABLE_OBJECT_GRAPH") for name in names):
            wanted = zoo.FILES["ssd_mobilenet_v1_ppn"]
            raise UserError(
                f"{named}: this is a TF2 object checkpoint; Boxwright reads TF1 (slim) checkpoints, e.g. {wanted}"
            )
        return {name: reader.get_tensor(name) for name in names}
    except detection_model.CHECKPOINT_ERRORS as error:
        raise UserError(f"{named}: not a readable checkpoint ({' '.join(str(error).split())[:200]})") from None


def _unfold(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Replaces each bias into which batch norm was folded by a batch norm that computes the same.

    Its gamma is 1, beta the bias, mean 0 and variance 1 - epsilon.
    """
    unfolded = {name: array.astype(np.float32) for name, array in arrays.items()}
    for name, bias in arrays.items():
        layer = name.removesuffix("/biases")
        if layer == name or "Logits" in name or f"{layer}/BatchNorm/beta" in arrays:
            continue
        ones = np.ones_like(bias, np.float32)
        parts = {"gamma": ones, "beta": bias, "moving_mean": 0 * ones, "moving_variance": ones * (1 - _EPSILON)}
        unfolded |= {f"{layer}/BatchNorm/{part}": np.asarray(value, np.float32) for part, value in parts.items()}
    return unfolded

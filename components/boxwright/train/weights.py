"""Initial weights: where they come from, what they are called, what of them fits.

Checkpoints name variables as TF-slim did in TF 1; the Keras model names them otherwise. `slim_name` is the translation; for
PPN these rules were checked against the slim model in a prototype (144 of 144 variables, outputs equal to 1e-5); the tests here
check names and a slim checkpoint that they write themselves.
"""

import lzma
import re
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from boxwright.core.od_api import detection_model as models
from boxwright.core.pretrained import pretrained_model, zoo
from boxwright.core.recipe import Recipe
from boxwright.core.runtime.errors import UserError
from boxwright.core.storage import fetch
from boxwright.train import class_head_transfer

_SMALLEST_SHARE = 0.5
_EPSILON = 0.001


@dataclass(frozen=True)
class Source:
    """Arrays by slim name. `name` says where they came from; `notice` what the user must hear about it; `recipe` is of the model
    that they are all of, where `boxwright train` wrote it: only then it is known which classes they detect."""

    name: str
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    notice: str = ""
    recipe: Recipe | None = None

    @property
    def scratch(self) -> bool:
        return self.name == "none"

    @property
    def classes(self) -> tuple[str, ...]:
        return self.recipe.classes if self.recipe else ()


@dataclass(frozen=True)
class Restored:
    """What became of every variable of the model, by Keras name. partly: class predictors of which some classes are new."""

    source: str
    restored: tuple[str, ...]
    skipped: tuple[dict[str, str], ...]
    new: tuple[str, ...]
    partly: tuple[dict[str, str], ...] = ()


def find(init: str, recipe: Recipe) -> Source:
    """Reads the weights that `init` names (see Config.init). Raises UserError when they cannot be had or read, and for a model
    of another network: that needs no weights, so that nothing was spent on them."""
    if init == "none":
        return Source(
            "none",
            notice="Training started FROM SCRATCH (--init none): expect a much lower AP than from a pretrained backbone.",
        )
    if init != "auto":
        if Path(f"{init}.index").is_file():
            return Source(init, _read_checkpoint(Path(init), Path(init)))
        path = fetch.file(init)
        if path.is_dir() and (theirs := pretrained_model.read(path, init)):
            pretrained_model.require_same_backbone(init, theirs, recipe)
            return own(init, path)
        return Source(init, read(path))
    if recipe.depth_multiplier != 1.0:
        return Source(
            "none", notice=f"Started FROM SCRATCH: the zoo has no width {recipe.depth_multiplier} checkpoint."
        )
    uri = zoo.uri(recipe.model)
    try:
        return Source(uri, read(fetch.file(uri)))
    except UserError as error:
        return Source(
            "none",
            notice="Started FROM SCRATCH because the model zoo's checkpoint cannot be reached: expect far less than from a "
            f"pretrained backbone, and give one with --init. ({error})",
        )


def own(name: str, folder: Path) -> Source:
    """The weights of a folder that `boxwright train` wrote, and the recipe that says what they are for."""
    model, recipe = models.load(folder)
    arrays = {slim_name(v.name, recipe.grid): v.numpy() for v in models.variables(model)}
    return Source(name, arrays, recipe=recipe)


def read(path: Path) -> dict[str, np.ndarray]:
    """Arrays by slim name from an .npz, a TF1 checkpoint folder or its .tar.gz."""
    if path.is_dir():
        return _read_checkpoint(_prefix(path.rglob("*"), path), path)
    if tarfile.is_tarfile(path):
        return _read_archive(path)
    if zipfile.is_zipfile(path):
        return _unfold(_read_npz(path))
    raise UserError(
        f"{path}: not initial weights; expected a TF1 checkpoint (folder or .tar.gz with model.ckpt.index), a .npz with TF-slim "
        "variable names, or a folder that `boxwright train` wrote"
    )


def _read_npz(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"{path}: not a readable .npz ({error}); save it again, as arrays of numbers") from None
    if odd := [name for name, array in arrays.items() if getattr(array, "dtype", np.dtype(object)).kind not in "fiu"]:
        raise UserError(f"{path}: {odd[0]} is no array of numbers; expected an .npz with TF-slim variable names")
    return arrays


def _read_archive(path: Path) -> dict[str, np.ndarray]:
    """Only the checkpoint's own files are taken out, by their last names: whereto those of an archive lead, nobody knows."""
    try:
        with tarfile.open(path) as archive, tempfile.TemporaryDirectory() as folder:
            files = {Path(member.name): member for member in archive if member.isfile()}
            _check(archive)
            prefix = _prefix(files, path)
            for file in (file for file in files if (file.parent, file.stem) == (prefix.parent, prefix.name)):
                with archive.extractfile(files[file]) as packed, (Path(folder) / file.name).open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
            return _read_checkpoint(Path(folder) / prefix.name, path)
    except (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise UserError(
            f"{path}: a damaged archive, or no room to unpack it ({error}); download it again, or free space"
        ) from None


def _check(archive: tarfile.TarFile) -> None:
    """Reads on to the end, where a packed archive keeps its checksum: tarfile takes a header that makes no sense for the end."""
    while archive.fileobj.read(1 << 20):
        pass


def _prefix(files: Iterable[Path], named: Path) -> Path:
    indices = sorted(file for file in files if file.suffix == ".index")
    if not indices:
        raise UserError(f"{named}: no checkpoint in it (no *.index file); expected the model zoo's model.ckpt.*")
    return indices[-1].with_suffix("")


def _read_checkpoint(prefix: Path, named: Path) -> dict[str, np.ndarray]:
    import tensorflow as tf

    try:
        reader = tf.train.load_checkpoint(str(prefix))
        names = reader.get_variable_to_shape_map()
        if any(name.startswith("_CHECKPOINTABLE_OBJECT_GRAPH") for name in names):
            wanted = zoo.FILES["ssd_mobilenet_v1_ppn"]
            raise UserError(f"{named}: a TF2 object checkpoint; Boxwright reads the TF1 (slim) ones, e.g. {wanted}")
        return {name: reader.get_tensor(name) for name in names}
    except models.DAMAGED as error:
        raise UserError(f"{named}: not a readable checkpoint ({' '.join(str(error).split())[:200]})") from None


def _unfold(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Gives convolutions whose batch norm was folded into a bias the batch norm that computes the same: gamma 1, beta bias,
    mean 0, variance 1 - epsilon."""
    unfolded = {name: array.astype(np.float32) for name, array in arrays.items()}
    for name, bias in arrays.items():
        layer = name.removesuffix("/biases")
        if layer == name or "Logits" in name or f"{layer}/BatchNorm/beta" in arrays:
            continue
        ones = np.ones_like(bias, np.float32)
        parts = {"gamma": ones, "beta": bias, "moving_mean": 0 * ones, "moving_variance": ones * (1 - _EPSILON)}
        unfolded |= {f"{layer}/BatchNorm/{part}": np.asarray(value, np.float32) for part, value in parts.items()}
    return unfolded


_V1 = "FeatureExtractor/MobilenetV1/"
_V2 = "FeatureExtractor/MobilenetV2/"
# Keras name -> slim name, applied in this order. The first five blocks are MobileNet v1, the next six v2, then the heads.
_RULES = (
    (r"^conv1/kernel", _V1 + "Conv2d_0/weights"),
    (r"^conv1_bn/", _V1 + "Conv2d_0/BatchNorm/"),
    (r"^conv_dw_(\d+)/depthwise_kernel", _V1 + r"Conv2d_\1_depthwise/depthwise_weights"),
    (r"^conv_pw_(\d+)/kernel", _V1 + r"Conv2d_\1_pointwise/weights"),
    (r"^conv_dw_(\d+)_bn/", _V1 + r"Conv2d_\1_depthwise/BatchNorm/"),
    (r"^conv_pw_(\d+)_bn/", _V1 + r"Conv2d_\1_pointwise/BatchNorm/"),
    (r"^Conv1/kernel", _V2 + "Conv/weights"),
    (r"^bn_Conv1/", _V2 + "Conv/BatchNorm/"),
    (r"^Conv_1/kernel", _V2 + "Conv_1/weights"),
    (r"^Conv_1_bn/", _V2 + "Conv_1/BatchNorm/"),
    (r"^block_(\d+)_", r"expanded_conv_\1_"),
    (r"^(expanded_conv(?:_\d+)?)_(expand|depthwise|project)_BN/", _V2 + r"\1/\2/BatchNorm/"),
    (r"^(expanded_conv(?:_\d+)?)_(expand|depthwise|project)/", _V2 + r"\1/\2/"),
    (r"depthwise_kernel$", "depthwise_weights"),
    (r"^ssd_mobile_net_(v\d)_keras_feature_extractor\w*/FeatureMaps/", lambda m: {"v1": _V1, "v2": _V2}[m[1]]),
    (r"_conv/kernel$", "/weights"),
    (r"_batchnorm/", "/BatchNorm/"),
    (r"WeightSharedConvolutional(Box|Class)Head/", ""),
    (r"^BoxPredictor/Convolutional(?:Box|Class)Head_(\d+)/", r"BoxPredictor_\1/"),
    (r"/kernel$", "/weights"),
    (r"/bias$", "/biases"),
)


def slim_name(keras_name: str, grid: str = "stride16") -> str:
    """The TF-slim name of a Keras variable. On the stride-8 grid the shared tower's batch norms move up by one map: its
    `feature_1` is the checkpoint's `feature_0`, and its own `feature_0` is new."""
    name = re.sub(r"^stride8_ppn_feature_extractor(_\d+)?/", "", keras_name.split(":")[0])
    for pattern, replacement in _RULES:
        name = re.sub(pattern, replacement, name)
    if grid == "stride8":
        name = re.sub(r"/feature_(\d+)/", lambda m: f"/feature_{int(m[1]) - 1}/", name)
    return name


def restore(model, source: Source, recipe: Recipe) -> Restored:
    """Assigns every array that fits, of a head whose classes are known the channels of the classes that the recipe has, too.

    Raises UserError when less than half of the backbone fits: then the weights are of another network, and training would
    silently start from noise.
    """
    restored, skipped, new, partly = [], [], [], []
    for variable in models.variables(model):
        slim = slim_name(variable.name, recipe.grid)
        array = source.arrays.get(slim, source.arrays.get(slim.removeprefix("FeatureExtractor/")))
        if array is None:
            new.append(variable.name)
            continue
        fitted, why = _fitted(variable, array, source, recipe)
        if fitted is not None:
            variable.assign(fitted)
        if why:
            (skipped if fitted is None else partly).append({"name": variable.name, "why": why})
        else:
            restored.append(variable.name)
    result = Restored(source.name, tuple(restored), tuple(skipped), tuple(new), tuple(partly))
    if not source.scratch:
        _refuse_misfit(model, result, recipe)
    return result


def _fitted(variable, array: np.ndarray, source: Source, recipe: Recipe) -> tuple[np.ndarray | None, str]:
    """What to assign, or None; and what of it is not the array's, or why nothing is."""
    if source.classes and class_head_transfer.is_class_predictor(variable.name):
        return class_head_transfer.by_name(array, source.classes, variable.numpy(), recipe.classes)
    if array.shape != tuple(variable.shape):
        return None, f"shape {array.shape}, the model needs {tuple(variable.shape)}"
    return array, ""


def _refuse_misfit(model, result: Restored, recipe: Recipe) -> None:
    backbone = {v.name for v in models.variables(model) if v.ref() in models.in_backbone(model)}
    fits = len(backbone.intersection(result.restored))
    if fits < _SMALLEST_SHARE * len(backbone):
        why = f"; e.g. {result.skipped[0]['name']}: {result.skipped[0]['why']}" if result.skipped else ""
        raise UserError(
            f"{result.source}: only {fits} of the {len(backbone)} backbone variables of {recipe.model} (width "
            f"{recipe.depth_multiplier}) are in these weights{why}. Give a checkpoint of the same network, or --init none"
        )

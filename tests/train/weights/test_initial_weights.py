# environment: train
"""Which initial weights are found, restored and refused."""

import io
import tarfile
import zipfile

import numpy as np
import pytest

from boxwright.core import recipe as recipes
from boxwright.core.od_api import detection_model as models
from boxwright.core.od_api import tf
from boxwright.core.pretrained import pretrained_model, slim_names
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.plan import init_weights
from boxwright.train import step
from boxwright.train.weights import initial_weights, weight_restoring


def test_imagenet_weights_fill_the_whole_backbone(shared, tiny_recipe):
    source = initial_weights.find(str(shared / "weights" / "mobilenet_v1_0.25_128_folded.npz"), tiny_recipe)
    model = models.build(tiny_recipe, training=True)
    table = weight_restoring.restore(model, source, tiny_recipe)
    backbone = [v for v in models.variables(model) if v.ref() in models.backbone_refs(model)]
    assert {v.name for v in backbone} == set(table.restored)
    assert not table.skipped and any("lateral" in name for name in table.new)
    first = next(v for v in backbone if v.name.startswith("conv1/"))
    np.testing.assert_array_equal(first.numpy(), source.arrays["MobilenetV1/Conv2d_0/weights"])


def test_a_slim_checkpoint_restores_all_but_the_class_predictor(tiny_recipe, tmp_path):
    """Read from a folder, a prefix and a .tar.gz. A class predictor for another number of classes is skipped."""
    stride16 = tiny_recipe.model_copy(update={"grid": "stride16"})
    donor = models.build(stride16.model_copy(update={"classes": ("x", "y", "z")}), training=True)
    arrays = {slim_names.slim_name(v.name): v.numpy() for v in models.variables(donor)}
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        named = {name: tf.compat.v1.Variable(array) for name, array in arrays.items()}
        session.run(tf.compat.v1.global_variables_initializer())
        tf.compat.v1.train.Saver(named).save(session, str(tmp_path / "zoo" / "model.ckpt"))
    archive = tmp_path / "zoo.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "zoo", "zoo")
    for init in (tmp_path / "zoo", tmp_path / "zoo" / "model.ckpt", archive):
        model = models.build(stride16, training=True)
        table = weight_restoring.restore(model, initial_weights.find(str(init), stride16), stride16)
        assert not table.new
        assert {s.name.split("/")[-2] for s in table.skipped} == {"ClassPredictor"}
        assert len(table.restored) + len(table.skipped) == len(models.variables(model))


@pytest.mark.parametrize(
    ("packing", "damage", "said"),
    [
        ("w:gz", lambda data, at: data[:at], "the archive is damaged"),
        ("w:gz", lambda data, at: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], "the archive is damaged"),
        ("w:xz", lambda data, at: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], "the archive is damaged"),
        ("w:", lambda data, at: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :], "not a readable checkpoint"),
    ],
    ids=["cut", "a bit wrong", "a bit wrong, xz", "a bit wrong, not packed"],
)
def test_a_damaged_archive_is_refused(packing, damage, said, tmp_path, tiny_recipe):
    """In an uncompressed archive, only the checkpoint's checksums reveal a wrong bit."""
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        variable = tf.compat.v1.Variable(np.random.default_rng(0).random(50_000))
        session.run(variable.initializer)
        saver = tf.compat.v1.train.Saver([variable])
        saver.save(session, str(tmp_path / "zoo" / "model.ckpt"), write_meta_graph=False)
    archive = tmp_path / "zoo.tar"
    with tarfile.open(archive, packing) as tar:
        tar.add(tmp_path / "zoo", "zoo")
    data = archive.read_bytes()
    archive.write_bytes(damage(data, len(data) // 2))
    with pytest.raises(UserError, match=said):
        initial_weights.find(str(archive), tiny_recipe)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"a": np.array([{"an": "object"}])}, "not a readable .npz"),
        ({"a": np.array(["text"])}, "a is not an array of numbers"),
        ({"a.txt": b"text"}, "a.txt is not an array of numbers"),
        ("flipped", "not a readable .npz"),
    ],
)
def test_an_npz_with_other_content_is_refused(content, said, tmp_path, tiny_recipe):
    path = tmp_path / "init.npz"
    if content == "flipped":
        np.savez(path, a=np.ones(1000, np.float32))
        data = path.read_bytes()
        path.write_bytes(data[:1000] + bytes([data[1000] ^ 1]) + data[1001:])
    elif "a" in content:
        np.savez(path, **content)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", content["a.txt"])
    with pytest.raises(UserError, match=said):
        initial_weights.find(str(path), tiny_recipe)


def test_an_npz_without_arrays_is_refused(tmp_path, tiny_recipe):
    np.savez(tmp_path / "init.npz")
    source = initial_weights.find(str(tmp_path / "init.npz"), tiny_recipe)
    with pytest.raises(UserError, match="only 0 of the "):
        weight_restoring.restore(models.build(tiny_recipe, training=True), source, tiny_recipe)


def test_an_archive_cannot_write_outside(tmp_path, tiny_recipe):
    """Paths in the archive that lead outside are ignored."""
    archive = tmp_path / "zoo.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("../../escaped.index", str(tmp_path / "escaped.data-00000-of-00001")):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(UserError, match="not a readable checkpoint"):
        initial_weights.find(str(archive), tiny_recipe)
    assert [file.name for file in tmp_path.rglob("*")] == ["zoo.tar.gz"]


def test_a_trained_model_gives_initial_weights(tiny_recipe, tmp_path):
    donor = models.build(tiny_recipe, training=True)
    models.save(tmp_path / "model", donor, tiny_recipe)
    model = models.build(tiny_recipe, training=True)
    table = weight_restoring.restore(model, initial_weights.find(str(tmp_path / "model"), tiny_recipe), tiny_recipe)
    assert set(table.restored) == {v.name for v in models.variables(model)}


def test_weights_of_another_network_are_refused(shared, tiny_recipe):
    wide = tiny_recipe.model_copy(update={"depth_multiplier": 1.0})
    source = initial_weights.find(str(shared / "weights" / "mobilenet_v1_0.25_128_folded.npz"), wide)
    with pytest.raises(UserError, match="only 0 of the 115 backbone variables"):
        weight_restoring.restore(models.build(wide, training=True), source, wide)


@pytest.mark.parametrize("content", ["text", "empty folder", "nothing", "tf2"])
def test_other_files_are_refused(content, tmp_path, tiny_recipe):
    path = tmp_path / "init"
    if content == "text":
        path.write_text("not weights")
    elif content == "empty folder":
        path.mkdir()
    elif content == "tf2":
        tf.train.Checkpoint(step=tf.Variable(tf.constant(1))).save(str(path / "ckpt"))
    said = {
        "text": "not initial weights",
        "empty folder": "no checkpoint",
        "nothing": "no such file",
        "tf2": "TF2 object",
    }
    with pytest.raises(UserError, match=said[content]):
        initial_weights.find(str(path), tiny_recipe)


def test_from_scratch_gives_a_notice(tiny_recipe):
    assert "FROM SCRATCH" in initial_weights.find("none", tiny_recipe).notice


def test_an_unreachable_zoo_leads_to_training_from_scratch(monkeypatch, tmp_path):
    """A proxy that refuses connections simulates a machine without network."""
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    source = initial_weights.find("auto", recipes.stock("ssd_mobilenet_v1_ppn", ["a"], steps=100))
    assert source.name == "none" and "cannot be reached" in source.notice
    assert not list(tmp_path.rglob("part"))


def test_a_model_of_another_network_is_refused_first(tiny_recipe, tiny_records, tmp_path):
    """The recipe is checked before the weights are read: in this test there are no weights. No file is left behind."""
    folder = tmp_path / "earlier"
    (folder / "checkpoint").mkdir(parents=True)
    (folder / "checkpoint" / "ckpt-1.index").touch()
    recipes.write(tiny_recipe.model_copy(update={"depth_multiplier": 0.5}), folder / "recipe.yaml")
    recipes.write(tiny_recipe, tmp_path / "recipe.yaml")
    config = step.Config(
        records=tiny_records, recipe=tmp_path / "recipe.yaml", model=tmp_path / "out" / "model", init=str(folder)
    )
    with pytest.raises(UserError, match=r"MobileNet v1, width 0\.5, but the recipe is .*MobileNet v1, width 0\.25"):
        step.run(config)
    assert not config.model.parent.exists()


@pytest.mark.parametrize("theirs", ["ssd_mobilenet_v1_ppn", "ssd_mobilenet_v1", "ssd_mobilenet_v2"])
def test_the_recipe_alone_predicts_what_restoring_does(theirs, tmp_path):
    """For each earlier model and each recipe: the recipe is refused if and only if less than half of the backbone fits, and the
    plan calls the head new if and only if a variable outside the backbone is not restored."""
    classes = ["box", "pole"]
    earlier_recipe = recipes.stock(theirs, classes, steps=100)
    models.save(tmp_path / "earlier", models.build(earlier_recipe, training=False), earlier_recipe)
    source = initial_weights.read_trained_model("earlier", tmp_path / "earlier")
    finer = recipes.Anchors(scales=(0.07, 0.16, 0.3, 0.5), aspect_ratios=(1.0, 0.6, 1.6))
    ppn = recipes.stock("ssd_mobilenet_v1_ppn", classes, steps=100)
    ours = {
        "ppn": ppn,
        "ppn of fewer maps": ppn.model_copy(
            update={"anchors": ppn.anchors.model_copy(update={"scales": (0.2, 0.4, 0.6, 0.8)})}
        ),
        "ppn of fewer anchors": ppn.model_copy(
            update={"anchors": ppn.anchors.model_copy(update={"aspect_ratios": (1.0, 2.0)})}
        ),
        "ppn on a finer grid": ppn.model_copy(update={"grid": "stride8", "anchors": finer}),
        "ppn of another class": ppn.model_copy(update={"classes": ("box", "pin")}),
        "v1": recipes.stock("ssd_mobilenet_v1", classes, steps=100),
        "v2": recipes.stock("ssd_mobilenet_v2", classes, steps=100),
    }
    told, found = {}, {}
    for name, recipe in ours.items():
        told[name] = _told(source.recipe, recipe)
        found[name] = _found(source, recipe)
    assert told == found


def _told(earlier_recipe, recipe) -> str:
    try:
        pretrained_model.require_same_backbone("x", earlier_recipe, recipe)
    except UserError:
        return "refused"
    return "new head" if init_weights.new_head(init_weights.InitWeights(True, earlier_recipe), recipe) else "known"


def _found(source, recipe) -> str:
    try:
        table = weight_restoring.restore(models.build(recipe, training=False), source, recipe)
    except UserError:
        return "refused"
    return "new head" if table.new or table.skipped or table.partly else "known"


def test_the_name_of_weights_has_no_secret():
    """train writes it to restored.json, and the report shows it (attack 06)."""
    assert initial_weights.Source("https://me:word@host/w.npz?X-Goog-Signature=s").name == "https://host/w.npz"

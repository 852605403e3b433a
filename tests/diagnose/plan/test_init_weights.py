# environment: data
"""What `--init` names, and how it changes the plan: a head that knows the classes already is not trained alone."""

import re

import pytest

from boxwright.core import recipe as recipes
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose.plan import init_weights
from boxwright.diagnose.plan.init_weights import InitWeights

STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=700)


def model_folder(folder, recipe=STOCK):
    """A model folder like one of train. The plan reads only its recipe."""
    (folder / "checkpoint").mkdir(parents=True)
    (folder / "checkpoint" / "ckpt-1.index").touch()
    recipes.write(recipe, folder / "recipe.yaml")
    return folder


def knowing(*classes, **changes) -> InitWeights:
    return InitWeights(given=True, earlier=STOCK.model_copy(update={"classes": classes, **changes}))


def stages(recipe) -> list[tuple[str, int]]:
    return [(stage.trainable, stage.steps) for stage in recipe.stages]


def stage_reasons(recipe) -> set[str]:
    return {change.reason for change in recipe.changes if change.field == "stages"}


@pytest.mark.parametrize("init", ["", "none", "auto"])
def test_without_weights_nothing_is_known(init):
    assert init_weights.read(init, STOCK) == InitWeights()
    assert init_weights.new_head(InitWeights(), STOCK) == ""


def test_only_the_presence_of_files_is_known(tmp_path):
    """A prefix; weights that exist only on the training machine; a file on the web, which is not fetched."""
    (tmp_path / "model.ckpt.index").touch()
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "model.ckpt.index").touch()
    local = [str(tmp_path / "model.ckpt"), str(tmp_path / "zoo"), "/mounted/elsewhere/weights.npz"]
    for init in (*local, "https://nowhere.invalid/zoo.tar.gz", "gs://archive/zoo.tar.gz"):
        assert init_weights.read(init, STOCK) == InitWeights(given=True)
    assert "these 2 classes starts from random numbers on a trained backbone" in init_weights.new_head(
        InitWeights(True), STOCK
    )


def test_reads_the_recipe_of_an_earlier_model(tmp_path):
    found = init_weights.read(str(model_folder(tmp_path / "model")), STOCK)
    assert found == InitWeights(given=True, earlier=STOCK)


def test_reads_an_earlier_model_from_a_bucket(bucket, tmp_path):
    model_folder(tmp_path / "model")
    for name in ("recipe.yaml", "checkpoint/ckpt-1.index"):
        bucket.put(f"first/model/{name}", (tmp_path / "model" / name).read_bytes())
    assert init_weights.read("gs://archive/first/model", STOCK) == InitWeights(given=True, earlier=STOCK)


def test_refuses_folders_without_a_model(tmp_path):
    """An empty folder; the output of diagnose; a run, with its model further down; a broken recipe."""
    (tmp_path / "empty").mkdir()
    recipes.write(STOCK, tmp_path / "diagnosis" / "recipe.yaml")
    model_folder(tmp_path / "run" / "steps" / "train" / "model")
    (model_folder(tmp_path / "broken") / "recipe.yaml").write_text("model: ssd_mobilenet_v1_ppn")
    for name, said in (
        ("empty", "it holds no checkpoint"),
        ("diagnosis", "it holds no checkpoint"),
        ("run", f"give {tmp_path}/run/steps/train/model$"),
        ("broken", "classes: Field required"),
    ):
        with pytest.raises(UserError, match=said):
            init_weights.read(str(tmp_path / name), STOCK)


def test_refuses_a_model_of_another_network(make_data, diagnosed, tmp_path):
    v2 = model_folder(tmp_path / "model", recipes.stock("ssd_mobilenet_v2", ["cat", "dog"], steps=700))
    with pytest.raises(
        UserError, match=r"a ssd_mobilenet_v2 on MobileNet v2.* is for a ssd_mobilenet_v1_ppn on MobileNet v1"
    ):
        diagnosed(make_data(), init=str(v2))
    diagnosed(make_data(), init=str(v2), model="ssd_mobilenet_v2")


@pytest.mark.parametrize(
    ("earlier", "said"),
    [
        (knowing("cat", "dog"), ""),
        (knowing("dog", "cow", "cat"), ""),  # by name, wherever they stand
        (knowing("dog"), "the predictor for cat starts .* knows only dog of these classes"),
        (knowing("cow"), "these 2 classes .* knows none of these classes"),
        (knowing("cat", "dog", input_size=512), ""),  # convolutions of any size
        (knowing("cat", "dog", grid="stride8"), "it is for stride8, the recipe for stride16"),
        (
            knowing("cat", "dog", model="ssd_mobilenet_v1"),
            "it is for ssd_mobilenet_v1, the recipe for ssd_mobilenet_v1_ppn",
        ),
        (
            knowing("cat", "dog", anchors=STOCK.anchors.model_copy(update={"aspect_ratios": (1.0, 0.5, 2.0)})),
            "it has 4 anchors per cell, the recipe 6",
        ),
        (
            knowing(
                "cat",
                "dog",
                anchors=STOCK.anchors.model_copy(update={"scales": tuple(s / 2 for s in STOCK.anchors.scales)}),
            ),
            "",
        ),
    ],
)
def test_says_which_part_of_the_head_is_new(earlier, said):
    assert re.fullmatch(f".*{said}" if said else "", init_weights.new_head(earlier, STOCK))


def test_a_head_that_knows_all_classes_has_no_own_stage(make_data, diagnosed, tmp_path):
    model = model_folder(tmp_path / "model")
    diagnosis, recipe, unpredicted = diagnosed(make_data(), init=str(model), steps=700)
    assert stages(recipe) == [("all", 700)] and stage_reasons(recipe) == set()
    assert "new_head" not in {finding.key for finding in diagnosis.findings}
    assert diagnosis.prediction is None and "none from a detector" in unpredicted


def test_names_the_classes_that_the_head_does_not_know(make_data, diagnosed, tmp_path):
    model = model_folder(tmp_path / "model", STOCK.model_copy(update={"classes": ("cat", "cow")}))
    diagnosis, recipe, _ = diagnosed(make_data(), init=str(model), steps=700)
    assert stages(recipe) == [("head", 70), ("all", 630)]
    (reason,) = stage_reasons(recipe)
    assert "predictor for dog starts" in reason and "knows only cat" in reason and "is trained alone first" in reason
    (finding,) = (finding for finding in diagnosis.findings if finding.key == "new_head")
    assert finding.claim.startswith("The predictor for dog starts from random numbers")


def test_compares_the_head_with_the_planned_anchors(make_data, diagnosed, tmp_path):
    """18 px cats need the finer grid. The head of a stock model does not fit that grid. That of a planned model does."""
    data = make_data(side={"cat": 0.06})
    _, recipe, _ = diagnosed(data, init=str(model_folder(tmp_path / "stock")), steps=700)
    assert recipe.grid == "stride8" and stages(recipe) == [("head", 70), ("all", 630)]
    assert any("it is for stride16, the recipe for stride8" in reason for reason in stage_reasons(recipe))
    _, again, _ = diagnosed(data, init=str(model_folder(tmp_path / "fitted", recipe)), steps=700)
    assert again.anchors == recipe.anchors and stages(again) == [("all", 700)]


def test_corrects_the_steps_and_keeps_a_known_head(make_data, diagnosed, tmp_path):
    recipes.write(recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=40), tmp_path / "given.yaml")
    model = model_folder(tmp_path / "model")
    _, recipe, _ = diagnosed(make_data(), init=str(model), given=str(tmp_path / "given.yaml"))
    assert stages(recipe) == [("all", 600)]
    assert stage_reasons(recipe) == {
        "the number of steps suits the number of images; the whole network is trained from the first step"
    }

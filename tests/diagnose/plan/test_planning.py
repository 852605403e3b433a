# environment: data
"""The planned recipe: steps, stages and rates. No class gets worse, and every change names its finding."""

from pathlib import Path

import pytest

from boxwright.core import models
from boxwright.core import recipe as recipes
from boxwright.core.artifacts import validation
from boxwright.core.artifacts.validation import LEAK, Validation
from boxwright.core.findings import Evidence, Finding
from boxwright.core.runtime.errors import UserError
from boxwright.diagnose import diagnosis, step
from boxwright.diagnose.page import diagnosis_page
from boxwright.diagnose.plan import planning
from boxwright.diagnose.plan import prediction as calibration


@pytest.mark.parametrize(
    ("images", "batch", "steps"), [(205, 8, 641), (10, 8, 600), (100_000, 8, 20_000), (205, 1, 5_125)]
)
def test_auto_steps(images, batch, steps):
    assert planning.auto_steps(images, batch) == steps


@pytest.mark.parametrize("steps", [1, 9, 50, 900])
@pytest.mark.parametrize("init", ["", "weights.npz"])
def test_any_number_of_steps(make_data, diagnosed, steps, init):
    _, recipe, _ = diagnosed(make_data(), steps=steps, init=init)
    assert recipe.steps == steps
    assert recipe.learning_rate.warmup_steps < steps
    assert [stage.name for stage in recipe.stages] == (["head", "all"] if init and steps >= 10 else ["all"])
    assert recipes.Recipe.model_validate(recipe.model_dump()) == recipe


def test_keeps_the_steps_that_the_user_chose(make_data, diagnosed):
    """A finding names the number of steps that the data need, and no change claims to correct it."""
    diagnosis, recipe, _ = diagnosed(make_data(), steps=5)
    assert "steps_few" in {f.key for f in diagnosis.findings}
    assert not [change for change in recipe.changes if "steps_few" in change.findings]


def test_claims_the_measured_gain_only_for_its_model(make_data, diagnosed):
    def said(**settings):
        recipe = diagnosed(make_data(), **settings)[1]
        return next(c.reason for c in recipe.changes if c.field == "learning_rate.base")

    assert "; measured: +" in said()
    for other in ({"model": "ssd_mobilenet_v2"}, {"batch_size": 4}):
        assert "not for this model and batch" in said(**other)


def test_rate_is_linear_in_the_batch_up_to_the_zoos():
    def rate(batch):
        return planning.learning_rate(
            recipes.stock("ssd_mobilenet_v1_ppn", ["a"], steps=600, batch_size=batch), 600, 600
        ).base

    assert [rate(8), rate(16), rate(512)] == pytest.approx([0.025, 0.05, 0.7])


def test_stock_gives_the_zoos_recipe(make_data, diagnosed):
    diagnosis, recipe, _ = diagnosed(make_data(side={"cat": 0.06}), stock=True, steps=700)
    assert recipe == recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=700)
    assert diagnosis.unreachable["used"] == diagnosis.unreachable["stock"]
    assert "anchors_unreachable" in {f.key for f in diagnosis.findings}


def test_every_difference_is_a_change_with_its_finding(make_data, diagnosed):
    data = make_data(side={"cat": 0.06}, per_image={"cat": 4, "dog": 4})
    diagnosis, recipe, _ = diagnosed(data, steps=700, init="w.npz")
    stock = recipes.stock("ssd_mobilenet_v1_ppn", ["cat", "dog"], steps=700)
    changed = {c.field.split(".")[0] for c in recipe.changes}
    different = {name for name in recipes.Recipe.model_fields if getattr(stock, name) != getattr(recipe, name)}
    assert different - {"changes", "stock"} == changed
    assert {id for c in recipe.changes for id in c.findings} <= {f.key for f in diagnosis.findings}
    assert all(c.findings for c in recipe.changes)


def test_reaching_a_class_answers_its_finding(make_data, diagnosed):
    diagnosis, recipe, _ = diagnosed(make_data(side={"cat": 0.06, "dog": 0.08}), steps=700)
    (finding,) = (f for f in diagnosis.findings if f.id == "anchors_unreachable")
    assert {row.subject for row in finding.evidence} == {"cat", "dog"}
    for field in ("grid", "anchors.scales"):
        assert next(c.findings for c in recipe.changes if c.field == field) == ("anchors_unreachable",)


def test_reaching_few_objects_does_not_answer_a_finding(make_data, diagnosed):
    """9 px squares: the planned anchors reach fewer than half of them, the stock ones none."""
    diagnosis, recipe, _ = diagnosed(make_data(side={"cat": 0.03, "dog": 0.03}))
    left = diagnosis.unreachable["used"]
    assert all(0.5 < share < 1 for share in left.values())
    (finding,) = (f for f in diagnosis.findings if f.key == "anchors_unreachable")
    assert "overlapping square tiles" in finding.remedy
    assert finding.key not in {id for change in recipe.changes for id in change.findings}


def test_no_new_anchors_for_a_class_that_needs_none(make_data, diagnosed):
    """One cat of 8 is out of reach: 12 %, but one object is no reason for a change. 5 % of the dogs are out of reach, so the grid
    may change, and the finding then names the dogs."""
    data = make_data(counts={"train": 8, "val": 40}, per_image={"cat": 1, "dog": 10}, side={"cat": 0.3, "dog": 0.3})
    train = data.objects_in("train")
    sliver = data.objects.index.isin([train.query("class_id == 1").index[0], *train.query("class_id == 2").index[:4]])
    data.objects.loc[sliver, ["ymin", "xmin", "ymax", "xmax"]] = [0.5, 0.5, 0.56, 0.56]
    diagnosis, recipe, _ = diagnosed(data)
    for change in (c for c in recipe.changes if c.field.startswith(("grid", "anch"))):
        assert change.findings == ("anchors_unreachable",)
    found = [f for f in diagnosis.findings if f.id == "anchors_unreachable"]
    assert {row.subject for f in found for row in f.evidence} <= {"dog"}


@pytest.mark.parametrize("model", ["ssd_mobilenet_v1", "ssd_mobilenet_v2", "ssd_mobilenet_v1_pnp"])
def test_other_models(make_data, diagnosed, model):
    _, recipe, _ = diagnosed(make_data(side={"cat": 0.08}), model=model)
    assert recipe.model == models.get(model).name
    assert recipe.grid == "stride16" or recipe.model == "ssd_mobilenet_v1_ppn"


def test_same_seed_same_recipe(make_data, diagnosed):
    first, second = (diagnosed(make_data(side={"cat": 0.06}), seed=3) for _ in range(2))
    assert first == second


def test_no_class_loses_objects_for_another(make_data, diagnosed):
    """Medium objects that stock anchors reach stay in reach when the plan reaches the small ones."""
    diagnosis, _, _ = diagnosed(make_data(side={"cat": 0.05, "dog": 0.17}))
    stock, used = diagnosis.unreachable["stock"], diagnosis.unreachable["used"]
    assert used["dog"] <= stock["dog"] + 0.01 and used["cat"] < stock["cat"]


def test_a_class_named_all_is_not_the_mean_of_a_prediction():
    one = recipes.stock("ssd_mobilenet_v1_ppn", ("all", "cat"), steps=1)
    prediction = calibration.predict({"all": 1.0, "cat": 0.0}, one)
    assert prediction.ap50["all"] < prediction.mean < prediction.ap50["cat"]


def test_prediction_needs_a_run_like_the_measured_ones(make_data, diagnosed):
    data = make_data()
    assert diagnosed(data, init="w.npz")[0].prediction is not None
    for settings, why in (
        ({}, "started from trained weights"),
        ({"init": "auto"}, "started from trained weights"),
        ({"init": "w.npz", "steps": 50}, "50 steps"),
        ({"init": "w.npz", "model": "ssd_mobilenet_v2"}, "ssd_mobilenet_v2"),
    ):
        diagnosis, _, unpredicted = diagnosed(data, **settings)
        assert diagnosis.prediction is None and why in unpredicted


def test_data_that_is_not_ready_is_diagnosed(tmp_path):
    empty = Finding(id="empty_split", cause="split", severity="high", stops=True, title="t", claim="val has no images.")
    validation.write(tmp_path / validation.FILE, Validation(verdict="not_ready", findings=(empty,)))
    assert step.validated(str(tmp_path)) == (empty,)


def test_findings_of_validate_are_ranked_with_the_others(make_data, tmp_path):
    """Notes (`info`) are left out."""
    leak = Finding(id="split_leak", cause="split", severity="high", title="A leak", claim="val is in train.")
    note = Finding(id="boxes_from_1", cause="data_quality", severity="info", title="A note", claim="Boxes start at 1.")
    written = Validation(verdict="ready_with_caveats", findings=(leak, note))
    validation.write(tmp_path / validation.FILE, written)
    judged = step.validated(str(tmp_path))
    assert judged == (leak,)
    config = step.Config(records=tmp_path, tables=tmp_path, init="none")
    data = make_data()
    training = diagnosis.diagnosed_training(data, config)
    found = diagnosis.diagnose(data, training, config, validated=judged)
    assert found.diagnosis.findings[0] == leak and len(found.diagnosis.findings) > 1
    assert "A leak" in diagnosis_page.render(data, found, diagnosis_page.FromRecords({}))


def test_the_splits_of_a_leak_are_known_to_the_findings(make_data):
    row = Evidence(metric="copies", subject="val", value=6, n=40, where="records")
    leak = Finding(id=LEAK, cause="split", severity="high", title="A leak", claim="val is in train.", evidence=(row,))
    data, config = make_data(), step.Config(records=Path("-"), tables=Path("-"), init="none")
    training = diagnosis.diagnosed_training(data, config)
    assert diagnosis.inputs_of(data, training, config, None, (leak,)).leaked == {"val"}
    assert diagnosis.inputs_of(data, training, config, None, ()).leaked == frozenset()


def test_refuses_a_wrong_path_to_the_validation(tmp_path):
    with pytest.raises(UserError, match=r"validation\.json: no such file"):
        step.validated(str(tmp_path / "anomalys"))
    step.validated("")


def test_refuses_missing_tables(tmp_path):
    with pytest.raises(UserError, match=r"images\.parquet"):
        step.run(step.Config(records=tmp_path, tables=tmp_path))


@pytest.mark.parametrize("batch", [1, 8, 64, 512, 1024])
def test_every_change_names_its_finding(make_data, diagnosed, batch):
    diagnosis, recipe, _ = diagnosed(make_data(), batch_size=batch, init="w.npz")
    assert {id for c in recipe.changes for id in c.findings} <= {finding.key for finding in diagnosis.findings}
    assert all(c.findings for c in recipe.changes)


def test_one_object_out_of_reach_changes_nothing(make_data, diagnosed):
    """1 of 8 is 12 %, but one object is no reason for another network."""
    data = make_data(counts={"train": 8, "val": 40})
    data.objects.loc[0, ["ymin", "xmin", "ymax", "xmax"]] = [0.5, 0.5, 0.53, 0.53]
    diagnosis, recipe, _ = diagnosed(data)
    assert diagnosis.unreachable["stock"]["cat"] == pytest.approx(1 / 8)
    assert recipe.grid == "stride16"
    assert "anchors_unreachable" not in {finding.key for finding in diagnosis.findings}

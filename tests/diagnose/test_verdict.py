# environment: data
"""What is wrong and what to do, in one breath, and which finding makes another doubtful."""

from typing import Any

import pytest

from boxwright.core import recipe as recipes
from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import Finding, ranked
from boxwright.core.recipe import Change
from boxwright.diagnose import doubts, verdict

STOCK = recipes.stock("ssd_mobilenet_v1_ppn", ["cat"], steps=600)


def finding(id, severity: Any = "high", cause: Any = "recipe", title="The cats are small", **more):
    return Finding(id=id, severity=severity, cause=cause, title=title, claim="c", **more)


def plan(*keys, partly=()):
    change = Change(field="grid", before="a", after="b", findings=keys, partly=partly, reason="r")
    return STOCK.model_copy(update={"stock": False, "changes": (change,)})


def judged(findings, used):
    return verdict.judge(Diagnosis(findings=ranked(findings), unreachable={"stock": {}, "used": {}}), used)


def test_says_what_is_wrong_and_what_to_do():
    small = finding("anchors_unreachable", remedy="Train on the finer grid. It costs time.")
    assert judged([small], plan("anchors_unreachable")).title == (
        "The cats are small: train with the recipe beside this page, which corrects it"
    )
    assert judged([small], plan()).title == "The cats are small: train on the finer grid"
    why = finding("anchors_unreachable", title="No anchor fits: the cats are small", remedy="Train longer.")
    assert judged([why], plan()).title == "No anchor fits: the cats are small; train longer"


def test_what_the_recipe_corrects_in_part_is_told_as_such():
    found = [
        finding("anchors_unreachable", remedy="Train on the finer grid."),
        finding("imbalance", "medium", title="Few"),
    ]
    said = judged(found, plan("imbalance", partly=("anchors_unreachable",)))
    assert said.title == ("The cats are small: train with the recipe beside this page, which corrects part of it")
    assert said.sentence == "It corrects 1 of the 2 findings."
    told = verdict.causes(found)[0]
    used = plan(partly=("anchors_unreachable",))
    assert verdict.partly(told, used) and not verdict.solved(told, used) and not verdict.partly(told, plan())


def test_says_first_what_stops_training():
    missing = finding(
        "class_missing", cause="split", title="owl has no object in train", remedy="Add some.", stops=True
    )
    said = judged([BOXES, missing], STOCK)
    assert said.title == "owl has no object in train: add some"
    assert said.sentence.startswith("`boxwright run` does not start a training before that is done.")
    assert "you asked for the stock recipe" not in said.sentence.lower()


def test_says_how_much_of_the_rest_the_recipe_corrects():
    found = [
        finding("split_leak", cause="split", title="All test images are in train", remedy="Move them to one split."),
        finding("anchors_unreachable"),
        finding("imbalance", "medium", "data_quantity", "cat outnumbers dog 30 to 1"),
    ]
    said = judged(found, plan("anchors_unreachable"))
    assert said.title == "All test images are in train: move them to one split"
    assert said.sentence == (
        "Then train with the recipe beside this page: it corrects 1 of the 3 findings. "
        "1 more finding is for you to see to."
    )


LEAK = finding("split_leak", "medium", "split", "All test images are in train", remedy="Move them to one split.")
BOXES = finding(
    "misplaced_boxes", "high", "data_quality", "The boxes are beside the objects", remedy="Draw them again."
)
SMALL, MINOR = finding("anchors_unreachable"), finding("new_head", "low", title="The new head would do damage")


@pytest.mark.parametrize(
    ("found", "doubtful"),
    [
        (BOXES, True),
        (finding("boxes_leave_images", "medium", "data_quality"), True),
        (LEAK, True),
        (finding("class_missing", cause="split", stops=True), True),
        (finding("boxes_leave_images", "medium", "data_quality", accepted="small ones"), False),
        (finding("boxes_leave_images", "low", "data_quality"), False),
        (finding("quarantine", "medium", "data_quality"), False),
        (SMALL, False),
    ],
)
def test_what_makes_a_predicted_ap_doubtful(found, doubtful):
    assert doubts.of_prediction([SMALL, found]) == (found if doubtful else None)


def test_a_leak_is_mended_before_training():
    said = judged([SMALL, LEAK, MINOR], plan("anchors_unreachable", "new_head"))
    assert said.title == "The cats are small: the recipe beside this page corrects it"
    assert said.sentence == (
        "Before you train, see to this: All test images are in train. "
        "Then train with the recipe beside this page: it corrects 2 of the 3 findings."
    )


def test_wrong_boxes_are_mended_before_all_else():
    said = judged([SMALL, BOXES, LEAK], plan("anchors_unreachable"))
    assert said.title == "The boxes are beside the objects: draw them again"
    assert said.sentence == (
        "1 more finding has to be seen to before you train. "
        "Then diagnose again: the recipe beside this page fits the data as they are now."
    )


@pytest.mark.parametrize("first", [SMALL, BOXES])
def test_many_causes_make_no_long_sentence(first):
    """One cause is named at most. The page had 14 lines under its title on a phone."""
    title = "There are objects of seven of the twelve classes that have something wrong with them"
    many = [finding(f"split{n}", "medium", "split", f"{title} {n}") for n in range(6)]
    yours = [finding(f"yours{n}", "medium", "data_quantity", f"{title} {n}") for n in range(6)]
    said = judged([first, *many, *yours], plan("anchors_unreachable")).sentence
    assert said.count(title) + said.count(verdict.lowered(title)) == (1 if first is SMALL else 0)
    assert "6 more findings are for you to see to." in said and len(said) < 300
    assert ("and 5 more" if first is SMALL else "6 more findings have to be seen to before you train") in said


def test_accepted_findings_do_not_stop_the_training():
    accepted = BOXES.model_copy(update={"severity": "medium", "accepted": "known"})
    said = judged([SMALL, accepted], plan("anchors_unreachable"))
    assert said.title.endswith("train with the recipe beside this page, which corrects it")
    assert said.sentence == "It corrects 1 of the 2 findings."


def test_the_counts_are_those_of_the_listed_causes():
    found = [SMALL, MINOR, finding("few_images", "medium", "data_quantity", "There are few images")]
    said = judged(found, plan("anchors_unreachable", "new_head"))
    assert said.sentence == "It corrects 2 of the 3 findings. 1 more finding is for you to see to."
    assert judged([SMALL, MINOR], plan("anchors_unreachable", "new_head")).sentence == "It corrects all 2 findings."


def test_says_that_nothing_serious_was_found():
    said = judged([finding("thin_diversity", "low")], plan())
    assert (
        said.word == "good" and said.title == "Nothing serious was found that holds this detector back: you can train"
    )
    assert said.sentence == "1 minor finding is listed below."


def test_the_stock_recipe_corrects_nothing():
    said = judged([finding("anchors_unreachable", remedy="Use other anchors.")], STOCK)
    assert said.sentence == "You asked for the stock recipe, so no recipe corrects anything."


def test_findings_of_one_kind_are_one_cause():
    found = [finding("a", subject="val"), finding("b"), finding("a", subject="test")]
    told = verdict.causes(found)
    assert [(one.finding.key, [f.key for f in one.others]) for one in told] == [("a.val", ["a.test"]), ("b", [])]
    assert verdict.solved(told[0], plan("a.val", "a.test")) and not verdict.solved(told[0], plan("a.val"))


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Do this. Then that.", "Do this"),
        ("Set it to 0.5, e.g. here. Then go.", "Set it to 0.5, e.g. here"),
        ("Use recipe.yaml", "Use recipe.yaml"),
        ("", ""),
    ],
)
def test_takes_the_first_sentence(text, first):
    assert verdict.first_sentence(text) == first


def test_wrong_data_make_later_findings_doubtful():
    wrong = finding("suspected_classes", cause="data_quality", title="Half of the classes are wrong")
    small, rate = finding("anchors_unreachable"), finding("learning_rate_high")
    told = {one.id: one.doubt for one in doubts.told(ranked([small, rate, wrong]))}
    assert told["anchors_unreachable"].startswith("Half of the classes are wrong. Correct that first")
    assert told["suspected_classes"] == "" and told["learning_rate_high"] == "", "a rate does not rest on the labels"


def test_a_leak_makes_comparisons_with_training_doubtful():
    leak = finding("split_leak", cause="split", title="All val images are in train")
    small, shift = finding("anchors_unreachable"), finding("val_too_small", "medium", "split")
    few = finding("few_objects", cause="data_quantity")
    told = {one.id: one.doubt for one in doubts.told(ranked([small, shift, leak, few]))}
    assert told["anchors_unreachable"] == told["few_objects"] == "", "they are measured on train alone"


def test_a_medium_or_accepted_cause_makes_nothing_doubtful():
    small = finding("anchors_unreachable")
    for wrong in (
        finding("suspected_classes", "medium", "data_quality"),
        finding("suspected_classes", "high", "data_quality", accepted="known"),
    ):
        assert [one.doubt for one in doubts.told(ranked([small, wrong]))] == ["", ""]


def test_the_title_has_the_first_clauses_of_a_long_remedy():
    long = "Add images from other places, in other light and from other distances, until there are at least 100 of each class."
    assert judged([finding("few_images", remedy=long)], plan()).title == (
        "The cats are small: add images from other places, in other light and from other distances"
    )
    condition = (
        "If the images were turned by mistake (by a copy or an export, for example), turn them back with their boxes"
    )
    assert verdict.short(condition) == condition
    assert verdict.short("word " * 40).endswith("word ...") and len(verdict.short("word " * 40)) <= 104


def test_turned_images_leave_sizes_without_doubt():
    turned, small = finding("upside_down", cause="data_quality"), finding("anchors_unreachable")
    assert [one.doubt for one in doubts.told(ranked([small, turned]))] == ["", ""]

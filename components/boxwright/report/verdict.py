"""The verdict: one word for scripts, one sentence for people, and what to do next."""

from collections.abc import Iterator
from dataclasses import dataclass

from boxwright.core.artifacts.parity import Parity
from boxwright.core.artifacts.summary import Word
from boxwright.core.artifacts.training import History
from boxwright.core.findings import Finding
from boxwright.core.plurals import count
from boxwright.core.recipe import Recipe
from boxwright.report import error_findings, forgetting
from boxwright.report.artifacts import Artifacts, Training

# Rules of thumb, not measurements. A detector with less than half of a class's AP50 misses obvious objects.
GOOD_AP50 = 0.75
GOOD_CLASS_AP50 = 0.5
POOR_AP50 = 0.4
# If the int8 file loses more AP than this against the trained model, the quantisation was poor.
INT8_AP_LOSS = 0.015

SHIP = "Check the worst images below, then ship the int8 file."
LOOK = "No finding is open. Look at the worst images below, and add training images like them."
LABEL = "Label the objects in the images of test (or val), or add images with labelled objects, and run again."
TITLES: dict[Word, str] = {
    "not_ready": "Not trained: the data is not ready",
    "good": "Good",
    "held_back": "Held back",
    "poor": "Poor",
    "unmeasured": "Not measured",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    word: Word
    sentence: str
    next_steps: tuple[str, ...]

    @property
    def title(self) -> str:
        return TITLES[self.word]


def judge(found: Artifacts) -> Verdict:
    """The verdict by these rules, the first that fits:

    not_ready: validation refused the data. unmeasured: the evaluated images have no objects. poor: AP50 is below 0.4.
    good: AP50 is at least 0.75, that of every class at least 0.5, and int8 loses at most 1.5 points of AP. held_back: the rest.
    """
    made = found.training
    if made is None:
        reasons = tuple(f"{finding.claim} {finding.remedy}".strip() for finding in found.validation.stopping)
        sentence = f"Validation stopped the run for {count(len(reasons), 'reason')}."
        return Verdict(word="not_ready", sentence=sentence, next_steps=reasons)
    if made.trained.metrics.AP50 is None:
        images = count(made.trained.images, f"{made.trained.metrics.split} image")
        return Verdict(word="unmeasured", sentence=f"None of {images} has an object.", next_steps=(LABEL,))
    word = _word(made, made.trained.metrics.AP50)
    return Verdict(word=word, sentence=_sentence(made, word), next_steps=tuple(_next_steps(made, word)))


def _word(made: Training, ap50: float) -> Word:
    if ap50 < POOR_AP50:
        return "poor"
    weak = any(value < GOOD_CLASS_AP50 for value in _class_ap50(made).values())
    return "good" if ap50 >= GOOD_AP50 and not weak and int8_loss(made) <= INT8_AP_LOSS else "held_back"


def _class_ap50(made: Training) -> dict[str, float]:
    """AP50 of each class that has objects."""
    return {name: one.AP50 for name, one in made.trained.metrics.per_class.items() if one.AP50 is not None}


def int8_loss(made: Training) -> float:
    """AP that the int8 file lost against the trained model, in 0..1; negative: it gained."""
    return (made.trained.metrics.AP or 0.0) - (made.int8.metrics.AP or 0.0)


def _sentence(made: Training, word: Word) -> str:
    metrics, per_class = made.trained.metrics, _class_ap50(made)
    text = f"AP50 is {_percent(metrics.AP50 or 0.0)} on {count(made.trained.images, f'{metrics.split} image')}"
    if word != "good" and per_class:
        weakest = min(per_class, key=lambda name: per_class[name])
        objects = count(metrics.per_class[weakest].objects, "object")
        text += f"; the weakest class is {weakest} with {_percent(per_class[weakest])} ({objects})"
    open_findings = unanswered(made)
    if word != "good" and open_findings:
        text += f". The most important open finding: {open_findings[0].title}"
    return text + "."


def acted_on(recipe: Recipe) -> set[str]:
    """Keys of the findings that a change of the recipe answers."""
    return {key for change in recipe.changes for key in change.findings}


def unanswered(made: Training) -> tuple[Finding, ...]:
    """Findings that the recipe did not act on, most important first. The user has to act on them."""
    acted = acted_on(made.recipe)
    return tuple(finding for finding in made.causes if finding.key not in acted and finding.severity != "info")


def _next_steps(made: Training, word: Word) -> list[str]:
    steps = [] if word == "good" else list(_about_training(made))
    if int8_loss(made) > INT8_AP_LOSS:
        steps.append(f"The int8 file lost {_percent(int8_loss(made))} points of AP: {_calibrate(made.parity)}.")
    if word != "good" and not made.recipe.stock:
        steps += [finding.remedy for finding in unanswered(made)[:2]]
    # A good detector may still be worse at a class than the initial model.
    lost = [finding.remedy for finding in made.causes if finding.id == forgetting.ID and finding.remedy not in steps]
    return [*(steps or [SHIP if word == "good" else LOOK]), *lost]


def _about_training(made: Training) -> Iterator[str]:
    if made.recipe.stock:
        yield "This was the stock recipe: run again without --stock, so that the recipe follows the findings."
    if not made.restored.restored:
        yield "Training started from random weights: give a checkpoint or a backbone with --init."
    if _still_rising(made.history):
        yield f"The last evaluation was the best: train longer than {made.recipe.steps} steps (--steps)."


def _calibrate(parity: Parity) -> str:
    """What to do for a better calibration than that of this run."""
    used = parity.calibration
    if used.images < used.asked:
        return f"it was calibrated on all {used.images} distinct training images; add more images, and more varied ones"
    return f"run again with --calibration-images above the {used.images} of this run"


def _still_rising(history: History) -> bool:
    """Whether the last validation was the best. With enough evaluations, the curve must also have risen clearly."""
    evaluations = history.evaluations
    if not evaluations or history.stopped_early or history.best_step != evaluations[-1].step:
        return False
    curve = error_findings.curve(history)
    return curve is None or curve.id == "underfit"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"

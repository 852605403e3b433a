"""The verdict: one word for scripts, one sentence for people, and what to do next."""

from dataclasses import dataclass

from boxwright.core.findings import Finding
from boxwright.core.recipe import Recipe
from boxwright.report import error_findings, forgetting
from boxwright.report.artifacts import Gathered, Training

# Rules of thumb, not measurements: below half of a class's AP50 a detector misses what a person would call obvious.
GOOD_AP50 = 0.75
GOOD_CLASS_AP50 = 0.5
POOR_AP50 = 0.4
# A full-integer file that loses more than this against the trained model was quantised badly.
INT8_AP_LOSS = 0.015

SHIP = "Ship the int8 file; look at the worst images below first."
LOOK = "No finding is left open: look at the worst images below, and add training pictures like them."
LABEL = "Label objects in the images of test (or val), or add pictures that have some, and run again."
TITLES = {
    "not_ready": "Not trained: the data is not ready",
    "good": "Good",
    "held_back": "Held back",
    "poor": "Poor",
    "unmeasured": "Not measured",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """word: not_ready, unmeasured, good, held_back or poor."""

    word: str
    sentence: str
    next_steps: tuple[str, ...]

    @property
    def title(self) -> str:
        return TITLES[self.word]


def judge(found: Gathered) -> Verdict:
    """not_ready: validation refused the data. unmeasured: there was no object to find. good: AP50 at least 0.75, every class at
    least 0.5, and int8 within 1.5 points of AP. poor: AP50 below 0.4. held_back: anything between."""
    made = found.training
    if made is None:
        texts = tuple(finding.claim for finding in found.validation.stopping)
        return Verdict(
            word="not_ready", sentence=f"Validation found {_count(len(texts), 'reason')} against it.", next_steps=texts
        )
    if made.trained.metrics["AP50"] is None:
        where = f"{made.trained.split} image"
        sentence = f"None of {_count(len(made.trained.groundtruth['images']), where)} has an object to find."
        return Verdict(word="unmeasured", sentence=sentence, next_steps=(LABEL,))
    word = _word(made)
    return Verdict(word=word, sentence=_sentence(found, word), next_steps=tuple(_next_steps(found, word)))


def _word(made: Training) -> str:
    metrics = made.trained.metrics
    overall = metrics["AP50"]
    if overall < POOR_AP50:
        return "poor"
    weak = [c for c in metrics["per_class"].values() if c["AP50"] is not None and c["AP50"] < GOOD_CLASS_AP50]
    return "good" if overall >= GOOD_AP50 and not weak and int8_loss(made) <= INT8_AP_LOSS else "held_back"


def int8_loss(made: Training) -> float:
    """AP that the int8 file has lost against the trained model, in 0..1 (negative: won)."""
    return (made.trained.metrics["AP"] or 0.0) - (made.int8.metrics["AP"] or 0.0)


def _sentence(found: Gathered, word: str) -> str:
    trained = found.training.trained
    metrics, objects = trained.metrics, trained.objects()
    images = _count(len(trained.groundtruth["images"]), f"{trained.split} image")
    text = f"AP50 {_percent(metrics['AP50'])} on {images}"
    per_class = {name: c["AP50"] for name, c in metrics["per_class"].items() if c["AP50"] is not None}
    if word != "good" and per_class:
        weakest = min(per_class, key=per_class.get)
        text += f"; {weakest} is weakest with {_percent(per_class[weakest])} over {_count(objects[weakest], 'object')}"
    standing = unanswered(found)
    if word != "good" and standing:
        text += f". Most important finding still open: {standing[0].claim.rstrip('.')}"
    return text + "."


def acted_on(recipe: Recipe) -> set[str]:
    """Ids of the findings that some change of the recipe answers."""
    return {finding for change in recipe.changes for finding in change.findings}


def unanswered(found: Gathered) -> tuple[Finding, ...]:
    """Findings that the recipe did not act on, most important first: what is left for the user to do."""
    acted = acted_on(found.training.recipe)
    return tuple(f for f in found.findings if f.key not in acted and f.severity != "info")


def _next_steps(found: Gathered, word: str) -> list[str]:
    made, steps = found.training, []
    if made.recipe.stock and word != "good":
        steps.append("This was the stock recipe: run again without --stock to let the findings change it.")
    if word != "good" and not made.restored["restored"]:
        steps.append("Training started from random weights: give --init a checkpoint or a backbone.")
    if word != "good" and _still_rising(made.history):
        steps.append(f"The best weights came from the last evaluation: train longer than {made.recipe.steps} steps.")
    if int8_loss(made) > INT8_AP_LOSS:
        steps.append(f"The int8 file lost {_percent(int8_loss(made))} points of AP: {_calibrate(made.parity)}.")
    steps += [finding.remedy for finding in unanswered(found)[:2] if not made.recipe.stock and word != "good"]
    # A detector may be good, and the one before it still better at a class.
    lost = [f.remedy for f in found.findings if f.id == forgetting.ID and f.remedy not in steps]
    return [*(steps or [SHIP if word == "good" else LOOK]), *lost]


def _calibrate(parity: dict) -> str:
    """How to calibrate better than this run did; `parity` is export's parity.json."""
    used = parity.get("calibration")
    if used and used["images"] < used["asked"]:
        return f"it was calibrated on all {used['images']} distinct training images there are; add more, and more varied ones"
    return "run again with --calibration-images above " + (f"the {used['images']} of this run" if used else "150")


def _still_rising(history: dict) -> bool:
    """Whether the last validation was the best, by so much as the curves call a rise where there are enough of them."""
    evaluations = history["evaluations"]
    if not evaluations or history["stopped_early"] or history["best_step"] != evaluations[-1]["step"]:
        return False
    fit = error_findings.fit(history)
    return fit is None or fit[0] == "underfit"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _count(n: int, thing: str) -> str:
    return f"{n} {thing}" + ("" if n == 1 else "s")

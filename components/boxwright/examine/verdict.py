"""What an examination says in two sentences, for its page and the terminal."""

from boxwright.core.artifacts.examination import Examination


def title(whole: Examination) -> str:
    if whole.corrections:
        return ". ".join(one.title for one in whole.corrections)
    worst = next((one.title for one in whole.findings if one.id == "missed_objects"), "")
    return worst or "The detector is used in the right way"


def sentence(whole: Examination) -> str:
    if whole.corrections:
        return (
            f"Corrected, AP rises from {points(whole.before)} to {points(whole.after)} on {whole.trial_images} images. The "
            "numbers are those of the corrected use."
        )
    return (
        f"{len(whole.tried)} other ways to feed it and to read its numbers were tried on {whole.trial_images} images, and none "
        f"is better. AP there is {points(whole.after)}."
    )


def points(value: float | None) -> str:
    """A number in 0..1 in percent; a hyphen for None."""
    return "-" if value is None else f"{100 * value:.1f}"

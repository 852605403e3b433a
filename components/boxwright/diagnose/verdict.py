"""What is wrong and what to do, in one breath and in order, for the page and the terminal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import SEVERITIES, Finding, Severity
from boxwright.core.plurals import count
from boxwright.core.recipe import Recipe

# Causes that are shown in full. A reader with one minute reads no more.
FIRST = 3
SERIOUS: tuple[Severity, ...] = ("high", "medium")
_TRAIN = "train with the recipe beside this page"
# A sentence ends where a capital letter follows, so that `e.g. 0.5` does not end one.
_CLAUSE = re.compile(r"[,:;](?=\s)| \(")
# Characters of what to do, in the title.
_LONGEST = 100
_END = re.compile(r"[.!?](?=\s+[A-Z`]|\s*$)")


@dataclass(frozen=True)
class Verdict:
    """word: sets the colour. title: what is wrong and what to do about the first cause. sentence: what else to know or to do."""

    word: Literal["high", "medium", "good"]
    title: str
    sentence: str


@dataclass(frozen=True)
class Told:
    """One cause. finding: its most important finding. others: further findings of the same kind, such as for another split."""

    finding: Finding
    others: tuple[Finding, ...] = ()

    @property
    def all(self) -> tuple[Finding, ...]:
        return self.finding, *self.others


def causes(found: Sequence[Finding]) -> list[Told]:
    """The findings of one id together, in the order of their first. found: ranked."""
    alike: dict[str, list[Finding]] = {}
    for finding in found:
        alike.setdefault(finding.id, []).append(finding)
    return [Told(first, tuple(others)) for first, *others in alike.values()]


def answered(used: Recipe) -> set[str]:
    """Keys of the findings that the recipe corrects."""
    return {key for change in used.changes for key in change.findings}


def partly(told: Told, used: Recipe) -> bool:
    """Whether the recipe corrects a part of a cause, and the rest is for the user to do."""
    known = answered(used) | {key for change in used.changes for key in change.partly}
    return not solved(told, used) and told.finding.key in known


def judge(found: Diagnosis, used: Recipe) -> Verdict:
    """used: the recipe that training follows."""
    serious = [told for told in causes(found.findings) if told.finding.severity in SERIOUS]
    if not serious:
        weight = "Nothing serious was" if found.findings else "Nothing was"
        return Verdict("good", f"{weight} found that holds this detector back: you can train", _of_minor(found))
    first = serious[0]
    word = "high" if first.finding.severity == "high" else "medium"
    between = "; " if ": " in first.finding.title else ": "
    return Verdict(word, f"{first.finding.title}{between}{_do(first, used)}", _then(serious, used))


def _of_minor(found: Diagnosis) -> str:
    if not found.findings:
        return "No finding asks for a change."
    return f"{count(len(causes(found.findings)), 'minor finding', 'is')} listed below."


def _do(told: Told, used: Recipe) -> str:
    """What to do about a cause, as the end of a sentence."""
    if solved(told, used):
        return f"{_TRAIN}, which corrects it"
    if partly(told, used):
        return f"{_TRAIN}, which corrects part of it; the rest is told below"
    remedy = short(first_sentence(told.finding.remedy))
    return lowered(remedy) if remedy else "look at the examples below"


def solved(told: Told, used: Recipe) -> bool:
    """Whether the recipe corrects all findings of a cause."""
    return all(finding.key in answered(used) for finding in told.all)


def _then(serious: Sequence[Told], used: Recipe) -> str:
    """What follows after the first cause."""
    first, rest = serious[0], serious[1:]
    trains = solved(first, used) or partly(first, used)
    if used.stock and not trains:
        plan = "You asked for the stock recipe, so no recipe corrects anything."
    elif not rest:
        return "Nothing else of weight was found." if trains else f"Then {_TRAIN}."
    else:
        done = sum(solved(told, used) for told in rest)
        plan = _rest_done(len(rest), done, first_done=trains)
    yours = [told for told in rest if not solved(told, used)]
    more = f" Also for you: {_named(yours)}." if yours else ""
    return plan + more


def _rest_done(rest: int, done: int, *, first_done: bool) -> str:
    others = "the other thing" if rest == 1 else f"the other {rest} things"
    if first_done:
        return (
            f"It also corrects {_part(done, others, rest)}." if done else f"It does not correct {others} that follow."
        )
    return f"Then {_TRAIN}: it corrects {_part(done, others, rest)}." if done else f"Then {_TRAIN}."


def _part(done: int, others: str, rest: int) -> str:
    return others if done == rest else f"{done} of {others}"


def _named(told: Sequence[Told]) -> str:
    titles = "; ".join(
        lowered(one.finding.title) if _common(one.finding.title) else one.finding.title for one in told[: FIRST - 1]
    )
    more = len(told) - (FIRST - 1)
    return titles + (f"; and {more} more" if more > 0 else "")


def _common(title: str) -> bool:
    """Whether a title begins with a common word, not with a name."""
    return title.partition(" ")[0] in ("The", "There", "No", "Some", "A", "An", "Training", "Random")


def first_sentence(text: str) -> str:
    """Without its full stop."""
    end = _END.search(text)
    return text[: end.start()] if end else text


def short(text: str) -> str:
    """The text, or its first clauses if it is long. A condition alone would say nothing, so a sentence with one stays whole."""
    if len(text) <= _LONGEST or text.startswith("If "):
        return text
    ends = [end.start() for end in _CLAUSE.finditer(text[:_LONGEST])]
    return text[: ends[-1]] if ends else f"{text[: text[:_LONGEST].rindex(' ')]} ..."


def lowered(text: str) -> str:
    """With a small first letter, unless the first word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def counted(found: Sequence[Finding]) -> str:
    """`2 high, 1 low`: the findings by severity."""
    numbers = ((severity, sum(f.severity == severity for f in found)) for severity in SEVERITIES)
    return ", ".join(f"{n} {severity}" for severity, n in numbers if n)

"""What is wrong and what to do, in one breath and in order, for the page and the terminal."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from boxwright.core.artifacts.diagnosis import Diagnosis
from boxwright.core.findings import SEVERITIES, Finding, Severity
from boxwright.core.plurals import count
from boxwright.core.recipe import Recipe

# Causes that are shown in full. A reader with one minute reads no more.
FIRST = 3
SERIOUS: tuple[Severity, ...] = ("high", "medium")
_RECIPE = "the recipe beside this page"
_TRAIN = f"train with {_RECIPE}"
# A training on wrong data or with a leak proves nothing, so these causes come before it.
_FIRST_CAUSES = ("data_quality", "split")
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
class FoundCause:
    """One cause. finding: its most important finding. others: further findings of the same kind, such as for another split."""

    finding: Finding
    others: tuple[Finding, ...] = ()

    @property
    def all(self) -> tuple[Finding, ...]:
        return self.finding, *self.others


def causes(found: Sequence[Finding]) -> list[FoundCause]:
    """The findings of one id together, in the order of their first. found: ranked."""
    alike: dict[str, list[Finding]] = {}
    for finding in found:
        alike.setdefault(finding.id, []).append(finding)
    return [FoundCause(first, tuple(others)) for first, *others in alike.values()]


def answered(used: Recipe) -> set[str]:
    """Keys of the findings that the recipe corrects."""
    return {key for change in used.changes for key in change.findings}


def partly(cause: FoundCause, used: Recipe) -> bool:
    """Whether the recipe corrects a part of a cause, and the rest is for the user to do."""
    known = answered(used) | {key for change in used.changes for key in change.partly}
    return not solved(cause, used) and cause.finding.key in known


def judge(found: Diagnosis, used: Recipe) -> Verdict:
    """used: the recipe that training follows."""
    listed = causes(found.findings)
    serious = [cause for cause in listed if cause.finding.severity in SERIOUS]
    if not serious:
        weight = "Nothing serious was" if found.findings else "Nothing was"
        return Verdict("good", f"{weight} found that holds this detector back: you can train", _of_minor(listed))
    first = serious[0]
    word = "high" if first.finding.severity == "high" else "medium"
    between = "; " if ": " in first.finding.title else ": "
    title = f"{first.finding.title}{between}{_do(first, used, train=not _before_training(serious, used))}"
    return Verdict(word, title, " ".join([*_stop(serious, found), *_then(serious, listed, used)]))


def _of_minor(listed: Sequence[FoundCause]) -> str:
    if not listed:
        return "No finding asks for a change."
    return f"{count(len(listed), 'minor finding', 'is')} listed below."


def _do(cause: FoundCause, used: Recipe, *, train: bool) -> str:
    """What to do about a cause, as the end of a sentence. train: whether nothing must be done before training."""
    if solved(cause, used):
        return f"{_TRAIN}, which corrects it" if train else f"{_RECIPE} corrects it"
    if partly(cause, used):
        return f"{_TRAIN}, which corrects part of it" if train else f"{_RECIPE} corrects part of it"
    remedy = short(first_sentence(cause.finding.remedy))
    return lowered(remedy) if remedy else "look at the examples below"


def solved(cause: FoundCause, used: Recipe) -> bool:
    """Whether the recipe corrects all findings of a cause."""
    return all(finding.key in answered(used) for finding in cause.all)


def _before_training(serious: Sequence[FoundCause], used: Recipe) -> list[FoundCause]:
    """What the user must correct before training: wrong data and wrong splits that no recipe corrects."""
    return [cause for cause in serious if cause.finding.cause in _FIRST_CAUSES and not _by_recipe(cause, used)]


def _by_recipe(cause: FoundCause, used: Recipe) -> bool:
    """Whether the recipe corrects a cause, or the user accepted it."""
    return solved(cause, used) or bool(cause.finding.accepted)


def _stop(serious: Sequence[FoundCause], found: Diagnosis) -> Iterator[str]:
    if any(cause.finding.stops for cause in serious):
        yield "`boxwright run` does not start a training before that is done."
        if not found.unreachable.get("used"):
            yield "Nothing can be measured before that, either."


def _then(serious: Sequence[FoundCause], listed: Sequence[FoundCause], used: Recipe) -> Iterator[str]:
    """Sentences on what else to do, in order: before training, the training, and beside it. At most one cause is named here, the
    first thing to do if the title does not say it. The others are counted: the page and the terminal list them below."""
    first, before = serious[0], _before_training(serious, used)
    if first in before and len(before) > 1:
        yield f"{count(len(before) - 1, 'more finding', 'has')} to be seen to before you train."
    elif before and first not in before:
        yield f"Before you train, see to this: {_named(before)}."
    if any(cause.finding.cause == "data_quality" for cause in before):
        yield "Then diagnose again: the recipe beside this page fits the data as they are now."
    elif used.stock and first.finding.stops:
        yield "Then diagnose again."
    elif used.stock:
        yield "You asked for the stock recipe, so no recipe corrects anything."
    else:
        comes_next = not before and (solved(first, used) or partly(first, used))
        yield from _training(listed, used, said=comes_next)
    if yours := [cause for cause in serious[1:] if cause not in before and not _by_recipe(cause, used)]:
        yield f"{count(len(yours), 'more finding', 'is')} for you to see to."


def _training(listed: Sequence[FoundCause], used: Recipe, *, said: bool) -> Iterator[str]:
    """The training, and how many of the listed findings the recipe corrects. said: whether the title says to train."""
    done = sum(solved(cause, used) for cause in listed)
    part = "all" if done == len(listed) else f"{done} of the"
    corrects = f"t corrects {part} {len(listed)} findings."
    if said:
        yield from [f"I{corrects}"] if len(listed) > 1 and done else []
    else:
        yield f"Then {_TRAIN}: i{corrects}" if done else f"Then {_TRAIN}."


def _named(some: Sequence[FoundCause]) -> str:
    """The title of the first, and how many more there are."""
    title = some[0].finding.title
    more = f"; and {len(some) - 1} more" if len(some) > 1 else ""
    return (lowered(title) if _common(title) else title) + more


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

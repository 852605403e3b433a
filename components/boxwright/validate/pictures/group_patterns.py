"""The pattern for `--group`: the part of the file names that pictures share if and only if they look alike."""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple

from boxwright.validate.pictures import file_names

# Longer names are not looked at, and of many names a sample: their patterns would take too long.
_LONGEST, _NAMES, _PAIRS = 200, 1000, 1000
_SEED = 0
# Words beside a number: at most so many characters, and only such that a command can carry.
_BEFORE = re.compile(r"[^\W\d_]{0,20}[ _.=()-]{0,3}$")
_AFTER = re.compile(r"^[ _.=()-]{0,3}[^\W\d_]{0,20}")
_NUMBER = re.compile(r"[0-9]+")
# Words that this share of the names has make a pattern. So many of the most frequent ones are tried.
_FREQUENT, _MOST_WORDS = 0.3, 12
_WORD, _BREAK, _END = "[^/ _.-]+", "[ _.-]", r"(?:_[a-z]+)?(?:\.rf\.[^/]+)?\.[^/.]+$"
# The folder of a file.
FOLDER = r"([^/]+)/[^/]+$"
# Patterns for names that have no words in common. The first group names the folder, the camera, the video, the place or the day.
_GENERAL = (
    FOLDER,
    r"([^/]+)/[^/]+/[^/]+$",
    *(rf"({_BREAK.join([_WORD] * n)}){_BREAK}[^/]*$" for n in (1, 2, 3, 4)),
    *(rf"([^/0-9]*[0-9]+{'[^/0-9]+[0-9]+' * n})[^/0-9][^/]*$" for n in (0, 1, 2)),
    rf"([^/]*?[^/_. -])(?:[_. -]+(?:frame|img|image|f)?|frame|img|image)[_. -]*[0-9]+{_END}",
    rf"([^/0-9]+)[0-9]+{_END}",
    rf"{_BREAK}({_WORD}){_BREAK}[^/]*$",
    rf"{_BREAK}({_WORD}){_END}",
    *(rf"([0-9]{{8}}{rest})" for rest in ("", "[ _T-]?[0-9]{2}", "[ _T-]?[0-9]{4}")),
)
# A pattern must keep this share of the pictures together that look alike. Of those that keep nearly the most and have nearly the
# most groups, and so join the fewest others, the simplest is taken.
_TOGETHER, _NEARLY = 0.9, 0.05
# The largest group leaves something to split, and what is kept together is not so by chance.
_LARGEST, _CHANCE = 0.7, 0.01
LEAST_GROUPS = 3
# A group that is larger than a fair held-out split, and than the mean group by this factor, must be a source: this share of its
# pictures look like another one. Measured: in real sources half, where pictures share a word such as `image` up to a sixth.
_FAIR, _GIANT, _SOURCE = 0.15, 4, 0.25


class Pattern(NamedTuple):
    """text: for --group. groups: how many the names have."""

    text: str
    groups: int

    def group(self, name: str) -> str | None:
        """The group of a file, as convert finds it; None if it has none, or if its name is too long."""
        found = re.search(self.text, name) if len(name) <= _LONGEST else None
        return found[1] if found else None

    def together(self, name: str, other: str) -> bool:
        return (group := self.group(name)) is not None and group == self.group(other)


class _Tried(NamedTuple):
    """kept: pairs that look alike and are in one group."""

    pattern: Pattern
    kept: int


def best(names: Sequence[str], alike: Sequence[tuple[int, int]]) -> Pattern | None:
    """The pattern that keeps together what looks alike and joins the fewest others; None if no pattern does.

    alike: pairs of rows.
    """
    if not alike:
        return None
    some = random.Random(_SEED).sample(range(len(names)), min(len(names), _NAMES))
    sample, pairs = [names[row] for row in some], [(names[a], names[b]) for a, b in alike[:_PAIRS]]
    matched = {names[row] for pair in alike for row in pair}
    tried = [one for text in dict.fromkeys(_candidates(sample)) if (one := _tried(text, sample, pairs, matched))]
    if not tried:
        return None
    enough = max(one.kept for one in tried) - _NEARLY * len(pairs)
    fit = [one.pattern for one in tried if one.kept >= enough]
    most = max(pattern.groups for pattern in fit)
    simplest = next(pattern for pattern in fit if pattern.groups >= (1 - _NEARLY) * most)
    return simplest._replace(groups=len(set(map(simplest.group, names)) - {None}))


def _tried(text: str, names: Sequence[str], pairs: Sequence[tuple[str, str]], matched: Set[str]) -> _Tried | None:
    """The pattern with its groups in these names; None if it is of no use. matched: names of pictures that look like another."""
    pattern = Pattern(text, 0)
    counted = Counter(filter(None, map(pattern.group, names)))
    if len(counted) < LEAST_GROUPS or max(counted.values()) > _LARGEST * len(names):
        return None
    sources = Counter(pattern.group(name) for name in names if name in matched)
    giant = max(_FAIR * len(names), _GIANT * sum(counted.values()) / len(counted))
    if any(n > giant and sources[group] < _SOURCE * n for group, n in counted.items()):
        return None
    # Two names that are drawn at random have this chance to share a group.
    chance = sum((n / len(names)) ** 2 for n in counted.values())
    of_pairs = Counter(filter(None, (pattern.group(a) for a, b in pairs if pattern.together(a, b))))
    if any(len(of_pairs) == 1 and counted[group] > _FAIR * len(names) for group in of_pairs):
        return None  # the pattern tells where pictures look alike, not which
    kept = of_pairs.total()
    useful = kept >= _TOGETHER * len(pairs) and chance**kept <= _CHANCE
    return _Tried(pattern._replace(groups=len(counted)), kept) if useful else None


def _candidates(names: Sequence[str]) -> Iterator[str]:
    """The simplest first."""
    yield from _between_words(names)
    yield from _GENERAL
    yield from file_names.made_patterns(names)


def _between_words(names: Sequence[str]) -> Iterator[str]:
    """`img_([0-9]+)_`: the number between words that many names have."""
    found = Counter(itertools.chain.from_iterable(set(_words(stem)) for stem in file_names.stems(names)))
    frequent = [
        words for words, count in found.most_common(_MOST_WORDS) if count >= _FREQUENT * len(names) and any(words)
    ]
    for before, after in sorted(frequent, key=lambda words: -len("".join(words))):
        yield f"{_escaped(before)}([0-9]+){_escaped(after)}"


def _words(stem: str) -> Iterator[tuple[str, str]]:
    """What stands before and after each number."""
    parts = _NUMBER.split(stem)
    for one, other in itertools.pairwise(parts):
        before, after = _BEFORE.search(one), _AFTER.search(other)
        yield (before[0] if before else "", after[0] if after else "")


def _escaped(words: str) -> str:
    """Only what has a meaning in a pattern: `re.escape` also escapes blanks and hyphens, which are harder to read then."""
    return re.sub(r"[.()]", r"\\\g<0>", words)

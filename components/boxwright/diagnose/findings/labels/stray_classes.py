"""Classes with hardly an object whose name is nearly that of another class: a slip of the labeller, not a rare class."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.core.records import class_names
from boxwright.core.runtime.errors import few
from boxwright.diagnose.data import Data
from boxwright.diagnose.findings import shared_examples
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs
from boxwright.diagnose.measures.evidence import NAMED

# A slip happens a few times, to a class that is common: this many objects at most, and at least this many times as many.
_MOST, _TIMES = 5, 10
# A name that is a part of others (`bishop` of `black bishop` and `white bishop`) may also be a class of its own that is rare. It
# is a slip only with so few objects, and only if each of the others is so many times as frequent.
_MOST_PART, _TIMES_PART = 2, 50
# Where more of the classes than this have so few objects, rare classes are normal in these data.
_RARE = 0.2


def find(inputs: Inputs) -> Iterator[Finding | None]:
    yield judge(stray(inputs.data), _counts(inputs.data))


def stray(data: Data) -> dict[str, list[str]]:
    """The classes that each slip was probably meant to be. data: without copies."""
    counts = _counts(data)
    rare = [name for name, n in counts.items() if n <= _MOST]
    if not rare or len(rare) > max(1, _RARE * len(counts)):
        return {}
    common = [name for name in counts if name not in rare]
    found = {name: _meant(name, counts, common) for name in rare}
    return {name: meant for name, meant in found.items() if meant}


def _meant(name: str, counts: Mapping[str, int], common: Sequence[str]) -> list[str]:
    """The classes that a rare one was probably meant to be."""
    n = counts[name]
    if found := same(name, [other for other in common if counts[other] >= _TIMES * n]):
        return found
    return part_of(name, [other for other in common if counts[other] >= _TIMES_PART * n]) if n <= _MOST_PART else []


def _counts(data: Data) -> dict[str, int]:
    """Objects of each class in all splits."""
    found = Counter(data.objects["class"].tolist())
    return {name: found[name] for name in sorted(found)}


def same(name: str, others: Sequence[str]) -> list[str]:
    """The names that differ from a name by case, marks, a plural or a typing error."""
    return [other for other in others if class_names.same(name, other)]


def part_of(name: str, others: Sequence[str]) -> list[str]:
    """The names that have all words of a name and more, if there are two or more of them. One alone may be another thing: a bird
    feeder is no bird."""
    longer = [other for other in others if set(class_names.words(name)) < set(class_names.words(other))]
    return longer if len(longer) > 1 else []


def judge(slips: Mapping[str, Sequence[str]], counts: Mapping[str, int]) -> Finding | None:
    """slips: the result of `stray`. counts: objects of each class in all splits."""
    if not slips:
        return None
    first, *others = slips
    each = [f"{name} ({count(counts[name], 'object')}; perhaps {' or '.join(slips[name][:3])})" for name in slips]
    return Finding(
        id="stray_classes",
        cause="data_quality",
        severity="medium",
        title=f"{len(slips)} classes look like slips of the labeller"
        if others
        else f"The class {first} looks like a slip of the labeller",
        claim=f"These classes have hardly an object, and their names are nearly those of others: {few(each, NAMED)}. Each takes "
        "a place in mean AP, and cannot be learned.",
        evidence=tuple(
            Evidence(
                metric="objects in all splits",
                subject=name,
                value=counts[name],
                n=counts[name],
                where="tables/objects.parquet",
            )
            for name in slips
        ),
        items=tuple(slips),
        remedy="Give these objects the right class in the annotations, remove the class, and convert again.",
        expected_effect="not measured here; mean AP no longer counts a class that nothing can find",
        confidence="medium",
    )


KIND = Kind(ids=("stray_classes",), find=find, examples=shared_examples.few_of_class)

"""Reasons of the verdict, and those that follow from manifest and counts alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from boxwright.core.runtime.errors import UserError

# An image too few below this, and nothing can be said of it; convert of 10 pictures leaves 8.
_FEW_IMAGES = 10
_QUARANTINED = 0.2
# Names of classes that a sentence holds.
_NAMED = 10
# What is broken. An image that is unlisted, unlabelled or listed twice is whole: VOC 2012 lists a third of its pictures.
_DAMAGE = {"missing", "truncated", "undecodable", "size_mismatch", "unreadable_annotation"}


@dataclass(frozen=True)
class Reason:
    """severity: `error` stops the pipeline, `caveat` does not, `info` is only told. value: the number or names behind it.
    accepted: why the user takes the risk, where they said so."""

    code: str
    severity: Literal["error", "caveat", "info"]
    text: str
    value: Any = None
    accepted: str = ""

    @classmethod
    def error(cls, code: str, text: str, value: Any = None) -> "Reason":
        return cls(code, "error", text, value)

    @classmethod
    def caveat(cls, code: str, text: str, value: Any = None) -> "Reason":
        return cls(code, "caveat", text, value)

    @classmethod
    def info(cls, code: str, text: str, value: Any = None) -> "Reason":
        return cls(code, "info", text, value)

    def as_json(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key != "accepted" or value}


def parse_accepted(text: str) -> dict[str, str]:
    """`code=why; code=why` as why by code; raises UserError for anything else: a risk without a reason is not accepted."""
    risks = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        code, _, why = (side.strip() for side in part.partition("="))
        if not (code and why):
            raise UserError(f"--accept {part!r}: expected CODE=REASON, several of them with a semicolon between")
        risks[code] = why
    return risks


def with_accepted(reasons: Sequence[Reason], risks: dict[str, str]) -> list[Reason]:
    """An accepted error is a caveat from then on; a risk that was accepted and is not there is told."""
    known = {reason.code for reason in reasons}
    absent = [
        Reason.info("accepted_absent", f"--accept {code}: this data has no such reason", code)
        for code in risks
        if code not in known
    ]
    taken = [
        replace(r, severity="caveat" if r.severity == "error" else r.severity, accepted=risks[r.code],
                text=f"{r.text} (accepted: {risks[r.code]})")
        if r.code in risks else r
        for r in reasons
    ]  # fmt: skip
    return taken + absent


def verdict(reasons: Sequence[Reason]) -> Literal["ready", "ready_with_caveats", "not_ready"]:
    severities = {reason.severity for reason in reasons}
    return "not_ready" if "error" in severities else "ready_with_caveats" if "caveat" in severities else "ready"


def of_splits(manifest: dict, crowds: Mapping[tuple[str, str], int]) -> Iterator[Reason]:
    """Empty splits, classes that are missing from one, too few images to train on.

    crowds: how many of the objects of a (split, class) are crowds, which the evaluation leaves out.
    """
    splits = manifest["splits"]
    single = {
        split: {name: n - crowds.get((split, name), 0) for name, n in counts["per_class"].items()}
        for split, counts in splits.items()
    }
    for split in ("train", "val"):
        if not (images := splits[split]["images"]):
            yield Reason.error("empty_split", f"{split} has no images: {_remedy(manifest)}", split)
        elif not any(single[split].values()):
            but = " but crowds" if splits[split]["objects"] else ""
            yield Reason.error("no_objects", f"{split} has {images} images and not one object{but}", split)
    yield from _without_test(splits["test"]["images"], any(single["test"].values()))
    if 0 < (n := splits["train"]["images"]) < _FEW_IMAGES:
        yield Reason.caveat(
            "few_training_images",
            f"train has {n} image{'s' * (n > 1)}: enough to try the pipeline, not to learn from",
            n,
        )
    yield from _missing_classes(single, crowds)


def _remedy(manifest: dict) -> str:
    if manifest["split_by"].startswith("given"):
        return "give it some, or let convert make the splits"
    return "too few of the data are no copies of each other for splits to be made of them; add pictures"


def _without_test(images: int, objects: bool) -> Iterator[Reason]:
    from_val = "the final numbers come from val, which also chose the step"
    if not images:
        yield Reason.caveat("no_test_split", f"test has no images: {from_val}")
    elif not objects:
        yield Reason.caveat("no_objects", f"test has {images} images and no object to find: {from_val}", "test")


def _missing_classes(
    single: Mapping[str, Mapping[str, int]], crowds: Mapping[tuple[str, str], int]
) -> Iterator[Reason]:
    """single: objects of each class that are no crowd, by split. One reason for each class that train lacks, and one for all
    that another split lacks: of forty classes thirty may be rare."""
    filled = {split: per_class for split, per_class in single.items() if any(per_class.values())}
    for split, per_class in filled.items():
        absent = [name for name, n in per_class.items() if not n]
        if split == "train":
            for name in absent:
                but = f" but {n} crowds" if (n := crowds.get((split, name), 0)) else ""
                yield Reason.error(
                    "class_not_in_train",
                    f"class {name} has no object in train{but}: move pictures with it there, or take the class out",
                    name,
                )
        elif absent:
            yield Reason.caveat(
                "class_not_judged", f"{_who(absent)} no object in {split}: AP there is undefined", absent
            )


def _who(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"class {names[0]} has"
    return f"{len(names)} classes ({', '.join(names[:_NAMED])}{', ...' * (len(names) > _NAMED)}) have"


def of_quarantine(manifest: dict) -> Iterator[Reason]:
    """What convert rejected: a caveat, and too much damage among the images that the data set means to use an error."""
    for kind, by_reason in manifest["quarantined"].items():
        lost, found = sum(by_reason.values()), manifest["found"][kind]
        if not lost:
            continue
        why = ", ".join(f"{n} {reason.replace('_', ' ')}" for reason, n in by_reason.items())
        text = f"{lost} of {found} {kind} were rejected ({why}); quarantine.jsonl names each"
        damaged = sum(n for reason, n in by_reason.items() if reason in _DAMAGE)
        if kind == "images" and damaged > _QUARANTINED * (found - lost + damaged):
            yield Reason.error(
                "quarantine",
                f"{text}. More than {_QUARANTINED:.0%} damaged means that something is wrong at large",
                lost,
            )
        else:
            yield Reason.caveat("quarantine", text, lost)


# convert tells a class that a split lacks as well; one reason for it is enough.
_TOLD_ELSEWHERE = {"class_absent"}


def of_notices(manifest: dict) -> Iterator[Reason]:
    for notice in manifest["notices"]:
        if notice["id"] not in _TOLD_ELSEWHERE:
            reason = Reason.info if notice["severity"] == "info" else Reason.caveat
            yield reason(notice["id"], notice["claim"])


def of_counts(manifest: dict, found: dict[str, tuple[int, int]]) -> Iterator[Reason]:
    """The manifest against the files. found: images and objects read per split."""
    for split, (images, objects) in found.items():
        told = manifest["splits"][split]
        if (told["images"], told["objects"]) != (images, objects):
            yield Reason.error(
                "counts_differ",
                f"{split}: the manifest says {told['images']} images and {told['objects']} objects, "
                f"the TFRecords hold {images} and {objects}: run convert again",
                images,
            )

"""Checks of the manifest: empty splits, missing classes, and the notices of convert."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from boxwright.core.artifacts.dataset import Dataset, SplitName
from boxwright.core.findings import Evidence, Finding
from boxwright.core.plurals import count
from boxwright.core.records import class_names
from boxwright.core.runtime.errors import few
from boxwright.validate.checks import losses

_MANIFEST = "records/dataset.json"
# How many class names a sentence lists.
_NAMED = 10
# Notices of convert that findings replace: those of this module, and those of the losses.
_JUDGED_HERE = {"class_absent", "empty_split", *losses.TOLD_BY.values()}
# A notice, and the reason code of the quarantine that tells the same.
_MISSING = "missing_images", "missing"
# Images without objects. The other notices say where they come from.
_NO_OBJECTS, _NO_LABEL, _EMPTY_ROWS = "negatives", "no_label_file", "rows_without_object"


@dataclass(frozen=True)
class ObjectCounts:
    """Objects of the tables. crowds: by (split, class). images: how many images hold a class, in all splits."""

    crowds: Counter[tuple[str, str]] = field(default_factory=Counter)
    images: Mapping[str, int] = field(default_factory=dict)


def objects_to_find(dataset: Dataset, counted: ObjectCounts) -> dict[SplitName, dict[str, int]]:
    """Objects by split and class. Crowds do not count: training and evaluation leave them out."""
    return {
        split: {name: n - counted.crowds[split, name] for name, n in stored.per_class.items()}
        for split, stored in dataset.splits.items()
    }


def empty_splits(dataset: Dataset, counted: ObjectCounts) -> Iterator[Finding]:
    """Splits without images or without objects."""
    single = objects_to_find(dataset, counted)
    for split in ("train", "val"):
        stored = dataset.splits[split]
        if not stored.images:
            yield _empty_split(split, dataset)
        elif not any(single[split].values()):
            yield _no_objects(split, stored.images, crowds=bool(stored.objects))
    test = dataset.splits["test"]
    if not test.images:
        yield _without_test("no_test_split", "", "test has no images", 0)
    elif not any(single["test"].values()):
        yield _without_test("no_objects", "test", f"test has {count(test.images, 'image')} and no object", test.images)


def _empty_split(split: SplitName, dataset: Dataset) -> Finding:
    purpose = "learned" if split == "train" else "validated"
    return Finding(
        id="empty_split",
        subject=split,
        cause="split",
        severity="high",
        stops=True,
        title=f"The {split} split has no images",
        claim=f"{split} has no images, so nothing can be {purpose}.",
        evidence=(Evidence(metric=f"images in {split}", value=0, n=dataset.found.images, where=_MANIFEST),),
        remedy=f"Add images to {split}, or delete the splits and let convert make them."
        if dataset.split_by.startswith("given")
        else "Add more images: too few of these differ from each other to fill three splits.",
    )


def _no_objects(split: SplitName, images: int, *, crowds: bool) -> Finding:
    but = " that is not a crowd" if crowds else ""
    return Finding(
        id="no_objects",
        subject=split,
        cause="split",
        severity="high",
        stops=True,
        title=f"No {split} image has an object",
        claim=f"{split} has {count(images, 'image')} and no object{but}.",
        evidence=(Evidence(metric=f"objects in {split}", value=0, n=images, where=_MANIFEST),),
        remedy="Check that the labels were read (quarantine.jsonl names what was rejected), or label these images.",
    )


def _without_test(id: str, subject: str, what: str, images: int) -> Finding:
    return Finding(
        id=id,
        subject=subject,
        cause="split",
        severity="medium",
        title="The final numbers come from the validation images",
        claim=f"{what}, so the final numbers come from val, which also selects the checkpoint.",
        evidence=(Evidence(metric="objects in test", value=0, n=images, where=_MANIFEST),),
        remedy="Add labelled images to test that are in no other split.",
    )


def missing_classes(dataset: Dataset, counted: ObjectCounts) -> Iterator[Finding]:
    """Classes that a split lacks. A class that train lacks cannot be learned; one that val or test lacks cannot be judged.

    Classes that the same splits lack share one finding. A split without any object has a separate finding. Classes that have
    another name in train are one finding with that name.
    """
    single = {
        split: per_class for split, per_class in objects_to_find(dataset, counted).items() if any(per_class.values())
    }
    lacking = {name: tuple(split for split in single if not single[split][name]) for name in dataset.class_names}
    totals = {name: sum(per_class[name] for per_class in single.values()) for name in lacking}
    renamed = _renamed(single, totals) if "train" in single else {}
    if renamed:
        yield _two_names(renamed, totals)
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, splits in lacking.items():
        if splits and name not in renamed and name not in renamed.values():
            alike.setdefault(splits, []).append(name)
    for splits, names in alike.items():
        spare = [name for name in names if counted.images.get(name, 0) > len(splits)]
        crowds = sum(counted.crowds[split, name] for split in splits for name in names)
        yield _missing_class(splits, {name: totals[name] for name in names}, spare=spare, crowds=crowds)


def _renamed(single: Mapping[str, Mapping[str, int]], totals: Mapping[str, int]) -> dict[str, str]:
    """The classes that train lacks, each with the class of train that is probably the same one."""
    train = single["train"]
    unknown = [name for name, n in totals.items() if n and not train[name]]
    return class_names.twins(unknown, [name for name in totals if train[name]])


def _two_names(renamed: Mapping[str, str], totals: Mapping[str, int]) -> Finding:
    """renamed: name in val or test -> the name that train has."""
    pairs = [f"{name} ({other} in train)" for name, other in renamed.items()]
    name, other = next(iter(renamed.items()))
    one = len(renamed) == 1
    this = "This class" if one else "These classes"
    example = f'item {{ id: 1 name: "{other}" display_name: "{name}" }}'
    return Finding(
        id="class_missing",
        subject=_subject(list(renamed)),
        cause="split",
        severity="high",
        stops=True,
        title=f"{name} has no object in train, but it is probably another name of {other}"
        if one
        else f"{len(renamed)} classes have no object in train, but they are probably other names of classes of train",
        claim=f"{this} cannot be learned, because train has only other names, which are nearly the same: {few(pairs, _NAMED)}.",
        evidence=tuple(_objects(name, "train", totals[name]) for name in renamed),
        items=tuple(renamed.items()),
        remedy="If the two are one class, give it one name in the annotations. Or write a label map with one `item` a class; "
        f"`{example}` takes both names for one class. Convert with this file: `boxwright convert --data DATA --label-map FILE`. "
        "If they are different classes, add images with them to train.",
        expected_effect=f"Until then the AP of {this.lower()} stays 0.",
    )


def _subject(names: Sequence[str]) -> str:
    return names[0] + (f" and {len(names) - 1} more" if names[1:] else "")


def _objects(name: str, outside: str, n: int) -> Evidence:
    return Evidence(metric=f"objects of {name} outside {outside}", value=n, n=n, where="tables/objects.parquet")


def _missing_class(lacking: Sequence[str], totals: Mapping[str, int], *, spare: Sequence[str], crowds: int) -> Finding:
    """totals: objects of each class in all splits. spare: the classes that have enough images to give some to these splits."""
    names, where, learned = list(totals), " and ".join(lacking), "train" not in lacking
    one = len(names) == 1
    who = f"{names[0]} has" if one else f"{len(names)} classes have"
    whom = names[0] if one else "these classes"
    but = f" except {count(crowds, 'crowd')}, which do not count" if crowds else ""
    undefined = learned or not any(totals.values())
    return Finding(
        id="class_missing",
        subject=_subject(names),
        cause="split",
        severity="medium" if learned else "high",
        stops=not learned,
        title=f"{who} no object in {where}",
        claim=f"{who} no object in {where}{but}, so {'it' if one else 'they'} cannot be {'judged' if learned else 'learned'}. "
        f"Objects in all splits: {few([f'{name} {n}' for name, n in totals.items()], _NAMED)}.",
        evidence=tuple(_objects(name, "/".join(lacking), n) for name, n in totals.items()),
        items=tuple(names),
        remedy=_add(names, spare, where, learned=learned),
        expected_effect=f"Until then the AP of {whom} {'is undefined' if undefined else 'stays 0'}.",
    )


def _add(names: Sequence[str], spare: Sequence[str], where: str, *, learned: bool) -> str:
    """What to do about classes without objects in a split. spare: those of which some images can be moved there."""
    rare = [name for name in names if name not in spare]
    whom = names[0] if len(names) == 1 else "these classes"
    go_on = "" if learned else f' To train without {whom}, say why: `--accept "class_missing=REASON"`.'
    if not rare:
        return f"Move images with {whom} to {where}, add some, or let convert make the splits.{go_on}"
    they = whom if len(rare) == len(names) else few(rare, _NAMED)
    text = f"Add images with {they} to {where} (there are none to spare), or remove {they} from the annotations."
    if spare:
        text += f" Of the others ({few(spare, _NAMED)}), move images there."
    return text + go_on


def notices(dataset: Dataset) -> tuple[Finding, ...]:
    """The notices of convert that no finding replaces. Images without objects are told once, with where they come from."""
    kept = {notice.id: notice for notice in dataset.notices}
    replaced = _JUDGED_HERE | _told_twice(kept) | _missing_twice(dataset)
    told = [notice for notice in dataset.notices if notice.id not in replaced]
    if _EMPTY_ROWS in replaced:
        rows = kept[_EMPTY_ROWS].claim.rstrip(".")
        told = [
            one.model_copy(update={"claim": f"{one.claim.rstrip('.')}. {rows}."}) if one.id == _NO_OBJECTS else one
            for one in told
        ]
    return tuple(told)


def _told_twice(notices: Mapping[str, Finding]) -> set[str]:
    """Ids of the notices about images without objects that another one tells better."""
    if _NO_OBJECTS not in notices:
        return set()
    twice = {_EMPTY_ROWS} & set(notices)
    same = _NO_LABEL in notices and _count(notices[_NO_LABEL]) == _count(notices[_NO_OBJECTS])
    return twice | ({_NO_OBJECTS} if same and not twice else set())


def _missing_twice(dataset: Dataset) -> set[str]:
    """The id of the notices about missing images, one for each split, if all these images are in the quarantine."""
    id, reason = _MISSING
    named = sum(_count(notice) for notice in dataset.notices if notice.id == id)
    return {id} if named and named <= dataset.quarantined.images.get(reason, 0) else set()


def _count(notice: Finding) -> float:
    return notice.evidence[0].value

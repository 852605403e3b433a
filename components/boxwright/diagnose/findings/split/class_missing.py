"""Classes that a split does not have: without them in train they cannot be learned, without them in val or test not judged."""

from collections.abc import Iterator, Mapping

from boxwright.core.findings import Evidence, Finding
from boxwright.core.records import tfrecords
from boxwright.diagnose.findings import shared_figures
from boxwright.diagnose.findings.kind import Kind
from boxwright.diagnose.inputs import Inputs


def find(inputs: Inputs) -> Iterator[Finding | None]:
    data = inputs.data
    # A split without any object is validate's finding, not one for each class.
    of_split = {split: data.counts(split) for split in data.objects.split.unique()}
    return judge(of_split, data.objects.groupby("class").image_id.nunique().to_dict())


def judge(of_split: Mapping[str, Mapping[str, int]], images: Mapping[str, int]) -> Iterator[Finding]:
    """Classes for which the same is to be done are one finding.

    of_split: objects of each class, for each split that has objects. images: how many images hold the class, in all splits.
    """
    alike: dict[tuple[tuple[str, ...], bool], dict[str, int]] = {}
    for name in of_split["train"]:
        if lacking := tuple(s for s in tfrecords.SPLITS if s in of_split and not of_split[s][name]):
            total = sum(counts[name] for counts in of_split.values())
            alike.setdefault((lacking, images.get(name, 0) > len(lacking)), {})[name] = total
    for (lacking, spare), totals in alike.items():
        yield _finding(lacking, spare, totals)


def _finding(splits: tuple[str, ...], spare: bool, totals: Mapping[str, int]) -> Finding:
    """spare: whether there are enough images to give some to these splits. totals: objects of each class in all splits."""
    names, lacking, learned = tuple(totals), " and ".join(splits), "train" not in splits
    one = len(names) == 1
    who = f"{names[0]} has" if one else f"{len(names)} classes have"
    whom = names[0] if one else "these classes"
    listed = ", ".join(f"{name} {n}" for name, n in totals.items())
    undefined = learned or not any(totals.values())
    return Finding(
        id="class_missing",
        subject=names[0] + (f" and {len(names) - 1} more" if names[1:] else ""),
        cause="split",
        severity="medium" if learned else "high",
        title=f"{who} no object in {lacking}",
        claim=f"{who} no object in {lacking} (objects in all splits: {listed}), so {'it' if one else 'they'} cannot be "
        f"{'judged' if learned else 'learned'}.",
        evidence=tuple(
            Evidence(
                metric=f"objects of {name} outside {'/'.join(splits)}", value=n, n=n, where="tables/objects.parquet"
            )
            for name, n in totals.items()
        ),
        remedy=f"Move images with {whom} to {lacking}, add some, or let convert make the splits."
        if spare
        else f"Add images with {whom} to {lacking} (there are none to spare), or remove {whom} from the data.",
        expected_effect=f"Until then the AP of {whom} {'is undefined' if undefined else 'stays 0'}.",
        confidence="high",
    )


KIND = Kind(ids=("class_missing",), find=find, figure=shared_figures.counts)

"""TFDV's anomalies in plain English."""

import re

from boxwright.validate.tfdv.untyped import Anomaly, anomaly_messages

CLASS = "image/object/class/text"
# What a title calls the values of a feature, and how they are distributed.
_TERMS: dict[str, tuple[str, str]] = {
    "image/height": ("image heights", "image heights"),
    "image/width": ("image widths", "image widths"),
    "image/format": ("image formats", "image formats"),
    "image/object/class/label": ("class ids", "class shares"),
    CLASS: ("class names", "class shares"),
    **{
        f"image/object/bbox/{side}": ("box coordinates", "box coordinates") for side in ("ymin", "xmin", "ymax", "xmax")
    },
}
_UNNAMED = ("values of a feature", "values of a feature")
# TFDV's sentence about two distributions: the largest difference of a share, its limit, and the value that has it.
_APART = re.compile(r"distance between .{1,40} is ([\d.e+-]+).{1,80}threshold ([\d.e+-]+)\.")
_WHICH = re.compile(r"maximum difference is: (.{1,200}?)\.?$", re.DOTALL)
# What is wrong with values, by TFDV's type of the anomaly; its description names the values.
_WRONG = {
    "ENUM_TYPE_UNEXPECTED_STRING_VALUES": "values that the schema does not have",
    "FLOAT_TYPE_BIG_FLOAT": "values above the largest that the schema allows",
    "FLOAT_TYPE_SMALL_FLOAT": "values below the smallest that the schema allows",
    "INT_TYPE_BIG_INT": "values above the largest that the schema allows",
    "INT_TYPE_SMALL_INT": "values below the smallest that the schema allows",
    "FLOAT_TYPE_HAS_NAN": "values that are no numbers",
    "FLOAT_TYPE_HAS_INF": "infinite values",
    "SCHEMA_NEW_COLUMN": "a feature that the schema does not have",
    "SCHEMA_MISSING_COLUMN": "no value, and the schema asks for some",
}


def title(split: str, feature: str) -> str:
    name, _, kind = feature.partition(": ")
    values, shares = _TERMS.get(name, _UNNAMED)
    if kind and name == CLASS:
        return f"The classes have other shares in {split} than in {_control(kind)}"
    if kind:
        return f"The {shares} in {split} are distributed differently than in {_control(kind)}"
    return f"The {values} in {split} do not fit the TFDV schema"


def claim(split: str, feature: str, info: Anomaly) -> str:
    """TFDV's own sentence stands behind ours, unless ours says all of it."""
    name, _, kind = feature.partition(": ")
    apart = _APART.search(info.description)
    if kind and apart:
        which = _WHICH.search(info.description)
        of = which[1] if which else "one value"
        points, limit = (f"{100 * float(share):.0f}" for share in apart.groups())
        things = "objects" if name == CLASS else "values"
        where = f"among the {things} of {split} differs from that in {_control(kind)}"
        return f"The share of {of} {where} by {points} points; up to {limit} are normal."
    types = (anomaly_messages.AnomalyInfo.Type.Name(reason.type) for reason in info.reason)
    wrong = " and ".join(dict.fromkeys(_WRONG[one] for one in types if one in _WRONG)) or "values that do not fit"
    values = _TERMS.get(name, _UNNAMED)[0]
    return f"Among the {values} in {split} are {wrong}. TFDV says: {' '.join(info.description.split()).rstrip('.')}."


def _control(kind: str) -> str:
    return "train" if kind == "skew" else "the earlier run"

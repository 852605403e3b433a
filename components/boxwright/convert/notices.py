"""Notices: findings about the data that remove nothing. The code that finds a problem builds its notice."""

from boxwright.core.findings import Cause, Evidence, Finding, Severity


def build(
    code: str,
    title: str,
    claim: str,
    *,
    count: int,
    of: int,
    what: str = "images",
    severity: Severity = "info",
    cause: Cause = "data_quality",
    subject: str = "",
    items: tuple[str | tuple[str, ...], ...] = (),
    remedy: str = "",
) -> Finding:
    """A notice about `count` of `of` items. what: the items, such as "boxes". The other arguments are those of `Finding`."""
    return Finding(
        id=code,
        subject=subject,
        cause=cause,
        severity=severity,
        title=title,
        claim=claim,
        evidence=(Evidence(metric=what, value=count, n=of, where="annotations and images of --data"),),
        items=items,
        remedy=remedy,
    )

"""A short form of notices."""

from collections.abc import Iterable

from boxwright.core.findings import Finding


def noticed(notices: Iterable[Finding]) -> dict[str, object]:
    """For each id: the class or split of the notice, or else its number."""
    return {notice.id: notice.subject or notice.evidence[0].value for notice in notices}

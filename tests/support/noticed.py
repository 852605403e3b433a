"""What notices say, in short."""

from collections.abc import Iterable

from boxwright.core.findings import Finding


def noticed(notices: Iterable[Finding]) -> dict[str, object]:
    """By id, the class or split that a notice is about, or else its number."""
    return {notice.id: notice.subject or notice.evidence[0].value for notice in notices}

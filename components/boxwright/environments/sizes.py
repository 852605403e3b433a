"""How large the environments are, and how long it took to make them."""

from collections.abc import Sequence

from boxwright.environments import places


def announcement(names: Sequence[str]) -> str:
    return f"Boxwright makes its environments {', '.join(names)} once, below {places.home()}"

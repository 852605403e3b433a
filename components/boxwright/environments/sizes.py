"""How large the environments are, and how long it took to make them: measured by tests/benchmarks/environments.py."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from boxwright.environments import places

FILE = Path(__file__).with_name("sizes.json")


def measured() -> dict[str, dict[str, int | str]]:
    """By environment: `locks`, the digest of what was measured; `download_mb`, `installed_mb`, `seconds`."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def announcement(names: Sequence[str], offline: bool = False) -> str:
    """What will be installed, how large it is and how long it takes. Sizes of other locks than the measured ones are left out."""
    known = [size for name in names if (size := measured().get(name)) and size["locks"] == places.digest(name)]
    what = f"Boxwright installs {'its environment' if len(names) == 1 else 'its environments'} {', '.join(names)} below"
    said = f"{what} {places.home()}. This happens once."
    if len(known) < len(names):
        return said
    download, installed, seconds = (
        sum(int(size[key]) for size in known) for key in ("download_mb", "installed_mb", "seconds")
    )
    source = "" if offline else f"{download:,} MB to download, "
    return f"{said} {source}{installed:,} MB on disk ({free_mb():,} MB are free); it took {seconds} s where it was measured."


def free_mb() -> int:
    """Free space at the home of the environments, which may not exist yet."""
    place = places.home()
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free // 1_000_000

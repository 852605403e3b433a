"""The network of a config, and the detector of Boxwright that comes nearest to it."""

import re
from dataclasses import dataclass
from typing import Any

from boxwright.core import models
from boxwright.core.runtime.errors import UserError
from boxwright.core.runtime.printable import visible_line
from boxwright.diagnose.given.numbers import shortest

# `_keras` is of TF 2; without it, TF 1.
_SSD_MOBILENET = re.compile(r"ssd_mobilenet_v([12])(_fpn)?(_keras)?")
# The only detector with a map as fine as the finest of a feature pyramid.
_FOR_PYRAMIDS = models.DEFAULT
UNDERSTOOD = "SSD MobileNet v1, v2, v1 PPN, and both with a feature pyramid (FPN, FPNLite)"


@dataclass(frozen=True, kw_only=True)
class Network:
    """extractor: its name in the OD API. keras: whether it is the one of TF 2. pyramid: whether it has a feature pyramid (FPN).
    model, grid: the detector that Boxwright trains instead; exact: whether it is the same. width: depth_multiplier."""

    extractor: str
    keras: bool
    pyramid: bool
    model: str
    grid: str
    width: float
    exact: bool


def read(extractor: Any) -> Network:
    """extractor: a SsdFeatureExtractor message. Raises UserError for a network that is not understood."""
    kind, width = extractor.type, shortest(extractor.depth_multiplier)
    known = {g.extractor: (model, name) for model in models.MODELS.values() for name, g in model.grids.items()}
    keras = kind.endswith("_keras")
    if found := known.get(kind) or known.get(f"{kind}_keras"):
        model, grid = found
        exact = width == 1 or model.any_width
        return Network(
            extractor=kind, keras=keras, pyramid=False, model=model.name, grid=grid, width=width, exact=exact
        )
    match = _SSD_MOBILENET.fullmatch(kind)
    if not match:
        raise UserError(
            f"model.ssd.feature_extractor.type: {visible_line(kind)[:80]!r}; Boxwright understands {UNDERSTOOD}, and trains "
            f"{', '.join(models.NAMES)}"
        )
    grid = models.STOCK_GRID
    return Network(extractor=kind, keras=keras, pyramid=True, model=_FOR_PYRAMIDS, grid=grid, width=width, exact=False)

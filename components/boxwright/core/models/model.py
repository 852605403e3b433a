"""What Boxwright must know of a detector to plan, build and train it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class FeatureGrid:
    """The feature maps of a detector, finest first, each half as wide as the one before.

    extractor: the OD API's feature extractor with these maps; core/od_api has the ones that are ours.
    fewest_maps, most_maps: how many maps it can have; most_maps 0: no limit.
    planned_maps: how many a plan on this grid gives it; 0: as many as the recipe that is diagnosed.
    step_cost: what a training step costs, as a clause for a reason.
    """

    extractor: str
    fewest_maps: int = 1
    most_maps: int = 0
    planned_maps: int = 0
    step_cost: str = "the step time of the stock grid"


@dataclass(frozen=True, kw_only=True)
class ZooTraining:
    """How the model zoo trains a detector. The rates belong to the batch; `warmup` is the rate that the warm-up starts from.

    source: the name of the zoo's config. checkpoint: its file on the zoo's server, trained on COCO.
    """

    rate: float
    warmup: float
    batch: int
    min_scale: float
    reduce_boxes_in_lowest_layer: bool
    localization_weight: float
    source: str
    checkpoint: str


@dataclass(frozen=True, kw_only=True)
class Model:
    """A detector.

    aliases: other spellings that people use.
    grids: by name, cheapest first. `stride16` has one cell every 16 pixels of the input in its finest map.
    backbone: models with the same one can share its weights. multiply_adds: millions in it at 224 px and full width.
    any_width: whether depth_multiplier may differ from 1.
    shared_predictor: whether one predictor serves all feature maps.
    """

    name: str
    aliases: tuple[str, ...] = ()
    zoo: ZooTraining
    grids: dict[str, FeatureGrid] = field(hash=False)
    backbone: str
    multiply_adds: int
    any_width: bool = False
    shared_predictor: bool = False


def first_stride(grid: str) -> int:
    """Pixels of the input between two cells of the finest feature map: 16 for `stride16`."""
    return int(grid.removeprefix("stride"))

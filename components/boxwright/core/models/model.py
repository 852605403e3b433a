"""The properties of a detector that Boxwright needs to plan, build and train it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class FeatureGrid:
    """The feature maps of a detector, finest first. Each map has half the side of the previous one.

    extractor: name of the feature extractor in the OD API's registry; our own are in core/od_api.
    fewest_maps, most_maps: bounds on the number of maps; most_maps 0: no upper bound.
    planned_maps: number of maps in a plan with this grid; 0: as in the diagnosed recipe.
    step_cost: the time of a training step, as text for a reason.
    """

    extractor: str
    fewest_maps: int = 1
    most_maps: int = 0
    planned_maps: int = 0
    step_cost: str = "the step time of the stock grid"


@dataclass(frozen=True, kw_only=True)
class ZooTraining:
    """The model zoo's training settings of a detector.

    rate, warmup: learning rate after the warm-up and at its start, for the batch size `batch`.
    min_scale, reduce_boxes_in_lowest_layer: as in the OD API's SsdAnchorGenerator.
    localization_weight: weight of the localization loss.
    source: name of the zoo's config. checkpoint: file of the zoo's COCO checkpoint on its server.
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

    aliases: other spellings of the name.
    grids: by name, cheapest first. The first must be `stride16`, whose finest map has one cell per 16 pixels of the input.
    backbone: models with the same backbone can share its weights. multiply_adds: of the backbone at 224 px and full width, in
    millions.
    any_width: whether depth_multiplier may differ from 1.
    shared_predictor: whether all feature maps share one predictor.
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
    """The stride of a grid's finest feature map, in pixels of the input: 16 for `stride16`."""
    return int(grid.removeprefix("stride"))

"""SSD-MobileNet v1 with a pooling pyramid network (PPN). It is the default model.

Sources: Jin, Rathod, Zhu 2018 (arXiv:1807.03284); multiply-adds: Howard et al. 2017 (MobileNets), table 8.
"""

from boxwright.core.models.model import FeatureGrid, Model, ZooTraining

MODEL = Model(
    name="ssd_mobilenet_v1_ppn",
    aliases=("ssd_mobilenet_v1_pnp",),
    zoo=ZooTraining(
        rate=0.7,
        warmup=0.13333,
        batch=512,
        min_scale=0.15,
        reduce_boxes_in_lowest_layer=False,
        localization_weight=1.5,
        source="ssd_mobilenet_v1_ppn_shared_box_predictor_300x300_coco14_sync",
        checkpoint="ssd_mobilenet_v1_ppn_shared_box_predictor_300x300_coco14_sync_2018_07_03.tar.gz",
    ),
    grids={
        "stride16": FeatureGrid(extractor="ssd_mobilenet_v1_ppn_keras"),
        # Our own grid: the OD API's PPN has no stride-8 map. The step time was measured on two cores.
        "stride8": FeatureGrid(
            extractor="ssd_mobilenet_v1_ppn_stride8_keras",
            fewest_maps=2,
            planned_maps=4,
            step_cost="1.4 times the stock step time (measured)",
        ),
    },
    backbone="MobileNet v1",
    multiply_adds=569,
    any_width=True,
    shared_predictor=True,
)

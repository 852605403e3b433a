"""SSD-MobileNet v1, as in the model zoo. Multiply-adds: Howard et al. 2017 (MobileNets), table 8."""

from boxwright.core.models.model import FeatureGrid, Model, ZooTraining

MODEL = Model(
    name="ssd_mobilenet_v1",
    zoo=ZooTraining(
        rate=0.9,
        warmup=0.3,
        batch=1024,
        min_scale=0.2,
        reduce_boxes_in_lowest_layer=True,
        localization_weight=1.0,
        source="ssd_mobilenet_v1_300x300_coco14_sync",
        checkpoint="ssd_mobilenet_v1_coco_2018_01_28.tar.gz",
    ),
    grids={"stride16": FeatureGrid(extractor="ssd_mobilenet_v1_keras", most_maps=6)},
    backbone="MobileNet v1",
    multiply_adds=569,
)

"""SSD-MobileNet v2, as in the model zoo. Multiply-adds: Sandler et al. 2018 (MobileNetV2), table 4."""

from boxwright.core.models.model import FeatureGrid, Model, ZooTraining

MODEL = Model(
    name="ssd_mobilenet_v2",
    zoo=ZooTraining(
        rate=0.08,
        warmup=0.013333,
        batch=512,
        min_scale=0.2,
        reduce_boxes_in_lowest_layer=True,
        localization_weight=1.0,
        source="ssd_mobilenet_v2_320x320_coco17_tpu-8",
        checkpoint="ssd_mobilenet_v2_coco_2018_03_29.tar.gz",
    ),
    grids={"stride16": FeatureGrid(extractor="ssd_mobilenet_v2_keras", most_maps=6)},
    backbone="MobileNet v2",
    multiply_adds=300,
)

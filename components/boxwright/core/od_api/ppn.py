"""Pooling pyramid networks (PPN) as Keras feature extractors. The OD API has PPN only for TF 1 slim.

Source: Jin, Rathod, Zhu, "Pooling Pyramid Network for Object Detection", 2018 (arXiv:1807.03284). Every feature map after the
first is a 2x2 max-pool of the previous map, and all maps share one predictor. With the slim weights, a prototype gave the slim
extractor's outputs to 1e-5. `Stride8PpnFeatureExtractor` adds a finer first map, for objects too small for the stride-16 grid.
"""

from typing import Any

import tensorflow as tf
from object_detection.builders import model_builder
from object_detection.meta_architectures import ssd_meta_arch
from object_detection.models.keras_models import mobilenet_v1
from object_detection.utils import ops, shape_utils

# Channels of the stride-8 map. All maps share one predictor, so they must have the same number of channels.
_LATERAL_DEPTH = 512
_SMALLEST_IMAGE = 33


class PpnFeatureExtractor(ssd_meta_arch.SSDKerasFeatureExtractor):
    """MobileNet v1 up to `conv_pw_11` (stride 16), then num_layers - 1 max-pools."""

    backbone_outputs: tuple[str, ...] = ("conv_pw_11_relu",)

    def __init__(self, *args: Any, num_layers: int = 6, **kwargs: Any) -> None:
        super().__init__(*args, num_layers=num_layers, **kwargs)
        self.classification_backbone: Any = None

    def build(self, input_shape: Any) -> None:
        mobilenet = self._mobilenet()
        outputs = [mobilenet.get_layer(name).output for name in self.backbone_outputs]
        self.classification_backbone = tf.keras.Model(mobilenet.inputs, outputs)
        self._pools = [
            tf.keras.layers.MaxPool2D(2, strides=2, padding="same", name=f"MaxPool2d_{i}_2x2")
            for i in range(self._num_layers - len(self.backbone_outputs))
        ]
        self.built = True

    def _mobilenet(self) -> tf.keras.Model:
        """MobileNet v1 with the OD API's layers.

        The layer override gets no alpha. Otherwise every width would be multiplied by alpha twice, as in the OD API's own
        `mobilenet_v1()`.
        """
        layers = mobilenet_v1._LayersOverride(
            batchnorm_training=self._is_training and not self._freeze_batchnorm,
            conv_hyperparams=self._conv_hyperparams if self._override_base_feature_extractor_hyperparams else None,
            use_explicit_padding=self._use_explicit_padding,
            min_depth=self._min_depth,
        )
        return tf.keras.applications.MobileNet(
            alpha=self._depth_multiplier, layers=layers, include_top=False, weights=None
        )

    def preprocess(self, resized_inputs: tf.Tensor) -> tf.Tensor:
        """Pixels 0..255 to -1..1."""
        return (2.0 / 255.0) * resized_inputs - 1.0

    def _extract_features(self, preprocessed_inputs: tf.Tensor) -> list[tf.Tensor]:
        """[batch, height, width, 3] to a list of feature maps, finest first."""
        inputs = shape_utils.check_min_image_dim(_SMALLEST_IMAGE, preprocessed_inputs)
        features = self.classification_backbone(ops.pad_to_multiple(inputs, self._pad_to_multiple))
        maps = self._first_maps(features)
        for pool in self._pools:
            maps.append(pool(maps[-1]))
        return maps

    def _first_maps(self, features: Any) -> list[tf.Tensor]:
        """The feature maps before the pools, from the outputs of the backbone."""
        return [features]


class Stride8PpnFeatureExtractor(PpnFeatureExtractor):
    """A stride-8 map, then the PPN maps. The stride-8 map is `conv_pw_5` after a 1x1 convolution, batch norm and ReLU6."""

    backbone_outputs = ("conv_pw_5_relu", "conv_pw_11_relu")

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self._lateral = tf.keras.layers.Conv2D(
            max(int(_LATERAL_DEPTH * self._depth_multiplier), self._min_depth),
            1,
            use_bias=False,
            kernel_initializer="he_normal",
            name="lateral_stride8",
        )
        self._lateral_norm = self._conv_hyperparams.build_batch_norm(
            training=self._is_training and not self._freeze_batchnorm, name="lateral_stride8_bn"
        )

    def _first_maps(self, features: Any) -> list[tf.Tensor]:
        stride8, stride16 = features
        return [tf.nn.relu6(self._lateral_norm(self._lateral(stride8))), stride16]


model_builder.SSD_KERAS_FEATURE_EXTRACTOR_CLASS_MAP.update(
    ssd_mobilenet_v1_ppn_keras=PpnFeatureExtractor,
    ssd_mobilenet_v1_ppn_stride8_keras=Stride8PpnFeatureExtractor,
)

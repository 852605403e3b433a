# environment: train
"""Names of Keras variables as TF-slim names."""

import pytest

from boxwright.core.pretrained import slim_names


@pytest.mark.parametrize(
    ("keras", "slim"),
    [
        ("conv1/kernel:0", "FeatureExtractor/MobilenetV1/Conv2d_0/weights"),
        ("conv1_bn/gamma:0", "FeatureExtractor/MobilenetV1/Conv2d_0/BatchNorm/gamma"),
        ("conv_dw_3/depthwise_kernel:0", "FeatureExtractor/MobilenetV1/Conv2d_3_depthwise/depthwise_weights"),
        ("conv_pw_11_bn/moving_mean:0", "FeatureExtractor/MobilenetV1/Conv2d_11_pointwise/BatchNorm/moving_mean"),
        ("Conv1/kernel:0", "FeatureExtractor/MobilenetV2/Conv/weights"),
        ("bn_Conv1/beta:0", "FeatureExtractor/MobilenetV2/Conv/BatchNorm/beta"),
        (
            "expanded_conv_depthwise/depthwise_kernel:0",
            "FeatureExtractor/MobilenetV2/expanded_conv/depthwise/depthwise_weights",
        ),
        ("block_1_expand_BN/gamma:0", "FeatureExtractor/MobilenetV2/expanded_conv_1/expand/BatchNorm/gamma"),
        ("block_16_project/kernel:0", "FeatureExtractor/MobilenetV2/expanded_conv_16/project/weights"),
        (
            "ssd_mobile_net_v1_keras_feature_extractor_2/FeatureMaps/Conv2d_13_pointwise_1_Conv2d_2_1x1_256_conv/kernel:0",
            "FeatureExtractor/MobilenetV1/Conv2d_13_pointwise_1_Conv2d_2_1x1_256/weights",
        ),
        (
            "ssd_mobile_net_v2_keras_feature_extractor/FeatureMaps/layer_19_2_Conv2d_5_3x3_s2_128_batchnorm/beta:0",
            "FeatureExtractor/MobilenetV2/layer_19_2_Conv2d_5_3x3_s2_128/BatchNorm/beta",
        ),
        ("BoxPredictor/ConvolutionalClassHead_4/ClassPredictor/bias:0", "BoxPredictor_4/ClassPredictor/biases"),
        (
            "WeightSharedConvolutionalBoxPredictor/WeightSharedConvolutionalBoxHead/BoxPredictor/kernel:0",
            "WeightSharedConvolutionalBoxPredictor/BoxPredictor/weights",
        ),
    ],
)
def test_slim_name(keras, slim):
    assert slim_names.slim_name(keras) == slim


def test_stride8_norms_move_up_by_one_map():
    norm = "WeightSharedConvolutionalBoxPredictor/PredictionTower/conv2d_0/BatchNorm/feature_{}/gamma:0"
    assert slim_names.slim_name(norm.format(1), "stride8") == slim_names.slim_name(norm.format(0))

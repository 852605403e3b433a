# environment: train
"""The copy of the OD API's descriptors that diagnose reads is that of the installed OD API."""

from typing import Any

import od_api_descriptors
from google.protobuf import text_format
from object_detection.protos import pipeline_pb2

from boxwright.core import recipe as recipes
from boxwright.core.od_api.pipeline_config import pipeline_config
from boxwright.diagnose.plan import od_api_protos

messages: Any = pipeline_pb2  # made when it is imported


def test_descriptors_are_those_of_the_installed_od_api():
    """If not: run tests/support/od_api_descriptors.py in the train environment."""
    assert od_api_descriptors.COPY.read_bytes() == od_api_descriptors.installed()


def test_reads_a_config_as_the_od_api_does():
    text = text_format.MessageToString(pipeline_config(recipes.stock("ssd_mobilenet_v1_ppn", ["cat"], steps=600)))
    theirs = text_format.Parse(text, messages.TrainEvalPipelineConfig())
    assert od_api_protos.parse(text).SerializeToString(deterministic=True) == theirs.SerializeToString(
        deterministic=True
    )

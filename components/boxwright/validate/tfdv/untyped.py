"""Libraries that create their functions and classes at import time, so that no type checker can see them."""

import contextlib
import io
from typing import Any, TypeAlias

import pyarrow.compute
from tensorflow_metadata.proto.v0 import anomalies_pb2, schema_pb2, statistics_pb2

with contextlib.redirect_stderr(io.StringIO()):  # TFDV complains that there is no IPython
    import tensorflow_data_validation
    from tensorflow_data_validation.statistics import stats_impl

compute: Any = pyarrow.compute
tfdv: Any = tensorflow_data_validation
tfdv_statistics: Any = stats_impl
# TFDV's protobuf messages.
schema_messages: Any = schema_pb2
statistics_messages: Any = statistics_pb2
anomaly_messages: Any = anomalies_pb2
Schema: TypeAlias = Any
Statistics: TypeAlias = Any
FeatureStatistics: TypeAlias = Any
Anomalies: TypeAlias = Any
Anomaly: TypeAlias = Any

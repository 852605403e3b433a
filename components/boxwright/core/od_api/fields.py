"""The OD API's names for the tensors of an example."""

from object_detection.core import standard_fields

Fields = standard_fields.InputDataFields

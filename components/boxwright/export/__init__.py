"""Reads the model and training images; writes SavedModel, TFLite float32 and full-integer int8.

It decides whether the exported files give the same detections as the trained model."""

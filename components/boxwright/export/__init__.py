"""Reads the model and training images; writes SavedModel, TFLite float32 and full-integer int8.

Decides whether the exported files still say what the trained model says."""

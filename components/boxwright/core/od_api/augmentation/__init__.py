"""Augmentation of one image with its boxes, as TensorFlow graph ops: ours, and the OD API's under a seed."""

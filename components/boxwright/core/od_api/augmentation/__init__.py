"""Augmentation of one image with its boxes, as TensorFlow ops: our own, and the OD API's with stateless random numbers."""

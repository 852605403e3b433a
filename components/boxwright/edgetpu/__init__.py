"""Reads the int8 TFLite file; writes what the Edge TPU compiler takes of it, and the compiled file where one can be made.

Decides whether the model will run on an Edge TPU, and which ops stay on the CPU."""

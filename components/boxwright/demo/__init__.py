"""Generates the data set of `make demo`."""

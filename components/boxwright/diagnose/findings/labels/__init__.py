"""Findings on the labels: boxes and classes that are wrong."""

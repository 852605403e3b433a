"""Findings on splits that differ from training, or that are too small. validate finds leaks and missing classes."""

"""Findings on the splits: images that leak, classes that are missing, splits that differ."""

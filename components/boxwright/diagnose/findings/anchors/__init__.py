"""Findings on objects that the anchors, the grid or the input size cannot serve."""

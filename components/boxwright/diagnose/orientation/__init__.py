"""Measures whether the objects and scenes have an up and a side, and decides which flips fit the data."""

"""Measures of the data that several findings use: pure functions over tables, boxes and crops."""

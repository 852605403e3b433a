"""Findings on augmentation that harms the objects of this data."""

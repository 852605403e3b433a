"""Finds, recognises and merges annotations, whatever their format."""

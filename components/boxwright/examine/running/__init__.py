"""Runs a foreign detector and returns its numbers as they come."""

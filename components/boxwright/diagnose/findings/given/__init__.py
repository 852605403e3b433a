"""Findings on a training that Boxwright did not make: what its pipeline.config says, against the data."""

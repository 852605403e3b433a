"""Runs the graphs on this machine through kfp.local: `boxwright run`, `boxwright diagnose --data`, `boxwright doctor`."""

"""Findings on the schedule of a training: rate, warm-up, steps, batch norm, stopping, stages."""

"""Reads records and recipe; writes the model: best checkpoint, pipeline.config, history, curves.

It decides which weights are restored, when training stops, and which checkpoint is the best."""

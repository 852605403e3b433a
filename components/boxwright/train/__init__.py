"""Reads records and recipe; writes the model: best checkpoint, pipeline.config, history, curves.

Decides which weights are restored, when to stop and which checkpoint is the best."""

"""Initial weights: where they come from, and what of them fits the model."""

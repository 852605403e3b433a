"""Weights that a training starts from: the model zoo's checkpoints, and models that an earlier training wrote."""

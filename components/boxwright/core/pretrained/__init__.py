"""Initial weights: the model zoo's checkpoints, and models that an earlier training wrote."""

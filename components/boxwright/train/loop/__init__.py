"""The training loop: input, steps, validation, checkpoints, devices."""

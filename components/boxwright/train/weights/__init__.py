"""Initial weights: finding, reading, translating and restoring them."""

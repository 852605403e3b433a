"""The graphs, and what compiles, runs and reads them."""

"""Label maps: those in the data, and the one that `--label-map` gives."""

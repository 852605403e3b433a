"""What every step needs to run: flags, executor input, paths in buckets, atomic outputs, environments, errors."""

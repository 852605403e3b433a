"""Code that every step needs: flags, executor input, paths in buckets, atomic outputs, environments, errors."""

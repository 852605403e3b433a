"""Our own checks: the manifest, the boxes, and images that are in two splits."""

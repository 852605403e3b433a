"""Our own checks: what follows from the manifest, the boxes, and images that two splits share."""

"""What the notices say about the images that were stored."""

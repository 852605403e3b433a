"""Names of images in annotations, and the files that they stand for under another spelling."""

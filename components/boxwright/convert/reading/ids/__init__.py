"""Ids of images and classes that the parts of one file write in different forms."""

"""Decides what becomes of each image and object, before any pixel is decoded."""

"""Gives each image its split: that of the data, or one that is made."""

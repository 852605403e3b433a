"""Boxwright: finds out why an SSD-MobileNet detector does poorly on your images, and fixes it."""

__version__ = "0.2.0"

"""Turns the numbers of a foreign detector into detections, in one of several ways."""

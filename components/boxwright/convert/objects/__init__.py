"""Shapes that are not upright boxes, and class ids: what one annotated object is, in several formats."""

"""Finds pictures of two splits that show the same, by their pixels: rotated, zoomed and mirrored copies, frames, one view."""

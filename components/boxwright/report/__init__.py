"""Decides the verdict on a run: what held the detector back, what was changed, and what the result is.

It reads the files of all steps, and writes one self-contained page, a short version in Markdown, and summary.json."""

"""Decides the verdict on a run: what held the detector back, what was changed, and what came of it.

It reads the files of all steps, and writes one self-contained page, a short version of it as Markdown, and summary.json."""

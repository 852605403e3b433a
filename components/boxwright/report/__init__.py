"""Reads everything a run wrote; writes one self-contained page and summary.json.

Decides the verdict: what held the detector back, what was changed, and what came of it."""

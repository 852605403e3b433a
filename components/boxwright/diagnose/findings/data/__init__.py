"""Findings on how much data there is, and how much it varies."""

"""Reads the tables; writes findings, their page and the recipe that training follows.

Decides what will hold the detector back on this data, and what to change."""

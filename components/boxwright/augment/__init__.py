"""Reads recipe, findings and records; writes the recipe with its augmentation and a contact sheet.

Decides which of the OD API's augmentation options fit this data."""

"""Writes records, tables and manifest, in several processes or on other machines."""

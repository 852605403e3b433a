"""Reads the state that the other steps of a run ended in; writes it as a page and as JSON.

Decides nothing: it runs last, after success and after failure, and leaves what a person needs to go on."""

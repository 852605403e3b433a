"""Tells how a run ended and what to do next. It runs last, after success and after failure.

It reads the state that KFP gives, and writes it as a page and as JSON."""

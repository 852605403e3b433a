"""Examines a detector that Boxwright did not make. config.py has the flags."""

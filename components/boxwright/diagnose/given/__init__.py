"""A training that Boxwright did not make: its `pipeline.config`, part by part, and the recipe that comes nearest to it.

One module for each part of the config: what it says, and what the OD API refuses. What is wrong with it for these data is judged
in `findings/given`. See GIVEN.md.
"""

"""Reports what KFP says at the end of a run and what to do next. It runs last, after success and after failure.

It reads the final status that KFP passes to it, and writes a page and JSON."""

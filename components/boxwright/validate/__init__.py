"""Reads the records; writes TFDV statistics, schema, anomalies and a page.

Decides whether the data is ready to train on: ready, ready_with_caveats or not_ready."""

"""Decides whether the data is ready to train on: ready, ready_with_caveats or not_ready.

It reads the records and tables, and writes TFDV's statistics, schema and anomalies, validation.json and a page."""

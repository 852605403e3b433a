"""What came from what in a run: the records that the local runner writes (lineage.json), and ways to look at them."""

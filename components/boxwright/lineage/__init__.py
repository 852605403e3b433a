"""The lineage of a run: the records that the local runner writes (lineage.json), and views of them."""

"""TFRecords, and the Parquet tables of their images and objects."""

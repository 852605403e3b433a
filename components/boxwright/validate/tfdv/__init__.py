"""TensorFlow Data Validation: statistics, schema and anomalies."""
